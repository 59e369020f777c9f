namespace Savepoint.Hosting.Calls;

/// <summary>
/// The answers that are waited for, in the order of their deadlines. All wait equally long, so the first to be waited for is the first to be late, and one look at the
/// head of the list a second is enough: a timer for each cost 2 µs.
/// </summary>
/// <param name="within">How long each is waited for, to the second; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes, which needs no list.</param>
/// <param name="time">The clock.</param>
internal sealed class PendingAnswers(TimeSpan within, TimeProvider time)
{
    // How late a late one may be found out.
    private readonly TimeSpan _pause = within < TimeSpan.FromSeconds(1) ? within : TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly LinkedList<PendingAnswer> _pending = [];
    private ITimer? _timer;

    public TimeSpan Within => within;

    /// <summary>Begins to wait for the answer of a request.</summary>
    /// <param name="answer">The request's place for it.</param>
    /// <exception cref="InvalidOperationException">The request was made before: of two answers nobody could say which is meant.</exception>
    public PendingAnswer<T> Begin<T>(ref PendingAnswer<T>? answer) =>
        answer = answer is null ? new PendingAnswer<T>(this) : throw new InvalidOperationException("A request is made once; make a new one.");

    /// <returns>The answer's place; null where it can't be late.</returns>
    public LinkedListNode<PendingAnswer>? Add(PendingAnswer answer)
    {
        if (within == Timeout.InfiniteTimeSpan)
            return null;
        answer.Since = time.GetTimestamp();
        var node = new LinkedListNode<PendingAnswer>(answer);
        lock (_gate)
        {
            _pending.AddLast(node);
            _timer ??= time.CreateTimer(static self => ((PendingAnswers)self!).Sweep(), this, _pause, _pause);
        }

        return node;
    }

    /// <param name="node">
    /// The answer's place; null of one that can't be late, and of one that is late before its place is known, as when the process stood still meanwhile. That one is off the
    /// list already.
    /// </param>
    public void Remove(LinkedListNode<PendingAnswer>? node)
    {
        lock (_gate)
        {
            if (node?.List is not null)
                _pending.Remove(node);
        }
    }

    private void Sweep()
    {
        while (TryTakeLate() is { } late)
            late.GiveUp(new TimeoutException());
    }

    private PendingAnswer? TryTakeLate()
    {
        lock (_gate)
        {
            if (_pending.First is not { } first)
            {
                _timer?.Dispose();
                _timer = null;
                return null;
            }

            if (time.GetElapsedTime(first.Value.Since) < within)
                return null;
            _pending.RemoveFirst();
            return first.Value;
        }
    }
}
