namespace Savepoint.Client;

/// <summary>Those who wait for saves of one session. Guarded by the session's lock.</summary>
internal sealed class SaveWaiters
{
    private readonly List<SaveWaiter> _waiters = [];

    public bool IsEmpty => _waiters.Count == 0;

    public void Add(SaveWaiter waiter) => _waiters.Add(waiter);

    /// <summary>Everything up to a segment is durable.</summary>
    public void Complete(long sequence, long version) => Take(waiter => waiter.Through <= sequence, waiter => waiter.Complete(version));

    /// <summary>A segment can't be saved, or not yet.</summary>
    public void Fail(long sequence, SavepointException exception) => Take(waiter => waiter.Through >= sequence, waiter => waiter.Fail(exception));

    /// <summary>Frees those whose time is over.</summary>
    public void TimeOut(long now, SavepointException exception) => Take(waiter => waiter.Deadline <= now, waiter => waiter.Fail(exception));

    private void Take(Predicate<SaveWaiter> isMeant, Action<SaveWaiter> end)
    {
        foreach (var waiter in _waiters.FindAll(isMeant))
            end(waiter);
        _waiters.RemoveAll(isMeant);
    }
}
