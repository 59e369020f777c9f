namespace Savepoint.Simulation;

/// <summary>
/// Finds for each gap an operation without outcome, none twice: a bipartite matching, which grows by one augmenting path per gap. That is exact where trying
/// one choice after the other would take exponential time, above all for histories that are wrong.
/// </summary>
internal sealed class GapFilling(IEnumerable<HistoryOperation> candidates, long maxSteps)
{
    private readonly Candidate[] _candidates = [.. candidates.OrderBy(operation => operation.Invoked).Select(operation => new Candidate(operation))];
    private long _stepsLeft = maxSteps;
    private int _round;

    /// <summary>Whether the last answer is no answer, for lack of steps.</summary>
    public bool IsExhausted => _stepsLeft < 0;

    /// <summary>The operations that the last gap would have taken, itself or by moving others: all are needed for other gaps.</summary>
    public IEnumerable<HistoryOperation> Contested =>
        _candidates.Where(candidate => candidate.Round == _round).Select(candidate => candidate.Operation);

    /// <summary>Fills one more gap, moving the operations in others if need be.</summary>
    public bool TryFill(VersionGap gap)
    {
        _round++;
        var unfilled = new Queue<VersionGap>([gap]);
        while (unfilled.TryDequeue(out var next))
        {
            foreach (var candidate in _candidates)
            {
                if (--_stepsLeft < 0)
                    return false;
                if (candidate.Round == _round || !next.Admits(candidate.Operation))
                    continue;
                (candidate.Round, candidate.WantedBy) = (_round, next);
                if (candidate.Gap is null)
                {
                    Move(candidate);
                    return true;
                }

                unfilled.Enqueue(candidate.Gap);
            }
        }

        return false;
    }

    /// <summary>Gives a free operation to the gap that wants it, and what that one had to the gap that wants that, up to the new gap.</summary>
    private void Move(Candidate? candidate)
    {
        while (candidate is not null)
        {
            var gap = candidate.WantedBy!;
            var released = gap.FilledBy;
            (candidate.Gap, gap.FilledBy) = (gap, candidate);
            candidate = released;
        }
    }
}
