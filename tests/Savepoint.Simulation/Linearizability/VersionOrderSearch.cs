namespace Savepoint.Simulation;

/// <summary>One check: places the returned operations in the order of their versions, and fills the gaps between them.</summary>
internal sealed class VersionOrderSearch
{
    private readonly HistoryOperation[] _returned;
    private readonly HistoryOperation[] _firstToReturn;
    private readonly GapFilling _gaps;
    private readonly List<Placement> _placed;
    private RegisterState _state;

    public VersionOrderSearch(IReadOnlyList<HistoryOperation> history, LinearizabilityOptions options)
    {
        _returned =
        [
            .. history.Where(operation => operation.Outcome != OperationOutcome.NoReturn)
                .OrderBy(operation => operation.Version).ThenBy(operation => !operation.IsAcknowledged).ThenBy(operation => operation.Invoked),
        ];
        _firstToReturn = FirstToReturn(_returned);
        _gaps = new GapFilling(
            history.Where(operation => operation.Outcome == OperationOutcome.NoReturn && operation.Kind != OperationKind.Read), options.MaxSteps);
        _placed = new List<Placement>(history.Count);
        _state = options.Initial;
    }

    public LinearizabilityResult Run()
    {
        for (var next = 0; next < _returned.Length; next++)
        {
            if ((FillGapsBefore(next) ?? Place(next)) is { } failure)
                return failure;
        }

        return Result(LinearizabilityVerdict.Linearizable, "");
    }

    private LinearizabilityResult? FillGapsBefore(int next)
    {
        var operation = _returned[next];
        var before = operation.IsAcknowledged ? operation.Version - 1 : operation.Version;
        while (_state.Version < before)
        {
            var version = _state.Version + 1;
            var gap = new VersionGap(version, _firstToReturn[next].Returned, FirstRead(version, next));
            if (!_gaps.TryFill(gap))
                return Unfilled(gap, operation, _firstToReturn[next]);
            _placed.Add(new Placement(null, gap));
            _state = gap.After;
        }

        return null;
    }

    private LinearizabilityResult? Place(int next)
    {
        var operation = _returned[next];
        var first = _firstToReturn[next];
        if (operation.Invoked > first.Returned)
            return Violation($"by its version #{operation.Id} comes before #{first.Id}, which had returned when it was invoked.", operation, first);
        if (!RegisterState.TryStep(ref _state, operation))
            return Violation($"the entity is at version {_state.Version}{ShowValue()}.", operation);
        _placed.Add(new Placement(operation, null));
        return null;
    }

    private LinearizabilityResult Unfilled(VersionGap gap, HistoryOperation operation, HistoryOperation firstToReturn)
    {
        if (_gaps.IsExhausted)
            return Result(LinearizabilityVerdict.Unknown, $"gave up looking for the operation that made {gap}.", operation);
        HistoryOperation[] contested = [.. _gaps.Contested];
        var why = contested.Length == 0 ? "no operation can have made it" : "all operations that can have made it are needed for other versions";
        return Violation(
            $"{gap} was acknowledged to nobody, and {why} before #{firstToReturn.Id} returned.",
            [.. new[] { operation, firstToReturn }.Distinct(), .. contested]);
    }

    /// <summary>The reads of a version follow each other, right after what made it.</summary>
    private HistoryOperation? FirstRead(long version, int next) =>
        _returned.Skip(next).TakeWhile(operation => operation.Version == version).FirstOrDefault(operation => operation.Outcome == OperationOutcome.Seen);

    private LinearizabilityResult Violation(string reason, params HistoryOperation[] blocked) =>
        Result(LinearizabilityVerdict.NotLinearizable, reason, blocked);

    private LinearizabilityResult Result(LinearizabilityVerdict verdict, string reason, params HistoryOperation[] blocked) =>
        new(verdict, [.. _placed.Select(placement => placement.Resolve())], blocked, reason);

    private string ShowValue() => _state.IsValueUnknown ? "" : $", {HistoryOperation.Show(_state.Value)}";

    /// <summary>For each operation, which of it and those after it returned first.</summary>
    private static HistoryOperation[] FirstToReturn(HistoryOperation[] operations)
    {
        var first = new HistoryOperation[operations.Length];
        for (var index = operations.Length - 1; index >= 0; index--)
            first[index] = index + 1 < first.Length && first[index + 1].Returned < operations[index].Returned ? first[index + 1] : operations[index];
        return first;
    }

    /// <summary>A place in the order: an operation that returned, or a gap, whose operation may still change.</summary>
    private readonly record struct Placement(HistoryOperation? Operation, VersionGap? Gap)
    {
        public HistoryOperation Resolve() => Operation ?? Gap!.FilledBy!.Operation;
    }
}
