namespace Savepoint.Engine.Databases;

/// <summary>Running totals of one database, kept as things happen: what is full of the one leaves room in the others.</summary>
internal sealed class DatabaseCounters
{
    private long _queuedUnits;
    private long _queuedBytes;
    private long _loading;
    private long _waitingForLoad;
    private long _uncheckpointed;

    public long QueuedUnits => Volatile.Read(ref _queuedUnits);

    public long QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>Loads begun and not ended: also those that nobody waits for any more, so that they are bounded while the store hangs.</summary>
    public long Loading => Volatile.Read(ref _loading);

    public long WaitingForLoad => Volatile.Read(ref _waitingForLoad);

    public long Uncheckpointed => Volatile.Read(ref _uncheckpointed);

    public void AddQueuedUnits(long count) => Interlocked.Add(ref _queuedUnits, count);

    public void AddQueuedBytes(long count) => Interlocked.Add(ref _queuedBytes, count);

    public void AddLoading(long count) => Interlocked.Add(ref _loading, count);

    public void AddWaitingForLoad(long count) => Interlocked.Add(ref _waitingForLoad, count);

    public void AddUncheckpointed(long count) => Interlocked.Add(ref _uncheckpointed, count);
}
