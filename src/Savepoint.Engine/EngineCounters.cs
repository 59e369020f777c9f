namespace Savepoint.Engine;

/// <summary>Running totals, kept as things happen.</summary>
internal sealed class EngineCounters
{
    private long _queuedUnits;
    private long _queuedBytes;
    private long _resident;
    private long _sessions;
    private long _watchers;
    private long _waitingForLoad;
    private long _uncheckpointed;

    public long QueuedUnits => Volatile.Read(ref _queuedUnits);

    public long QueuedBytes => Volatile.Read(ref _queuedBytes);

    public long Resident => Volatile.Read(ref _resident);

    public long Sessions => Volatile.Read(ref _sessions);

    public long Watchers => Volatile.Read(ref _watchers);

    public long WaitingForLoad => Volatile.Read(ref _waitingForLoad);

    public long Uncheckpointed => Volatile.Read(ref _uncheckpointed);

    public void AddQueuedUnits(long count) => Interlocked.Add(ref _queuedUnits, count);

    public void AddQueuedBytes(long count) => Interlocked.Add(ref _queuedBytes, count);

    public void AddResident(long count) => Interlocked.Add(ref _resident, count);

    public void AddSessions(long count) => Interlocked.Add(ref _sessions, count);

    public void AddWatchers(long count) => Interlocked.Add(ref _watchers, count);

    public void AddWaitingForLoad(long count) => Interlocked.Add(ref _waitingForLoad, count);

    public void AddUncheckpointed(long count) => Interlocked.Add(ref _uncheckpointed, count);
}
