namespace Savepoint.Engine;

/// <summary>Running totals of what is in memory, kept as things happen.</summary>
internal sealed class EngineCounters
{
    private long _resident;
    private long _sessions;
    private long _watchers;
    private long _failedHooks;

    public long Resident => Volatile.Read(ref _resident);

    public long Sessions => Volatile.Read(ref _sessions);

    public long Watchers => Volatile.Read(ref _watchers);

    public long FailedHooks => Volatile.Read(ref _failedHooks);

    public void AddFailedHook() => Interlocked.Increment(ref _failedHooks);

    public void AddResident(long count) => Interlocked.Add(ref _resident, count);

    public void AddSessions(long count) => Interlocked.Add(ref _sessions, count);

    public void AddWatchers(long count) => Interlocked.Add(ref _watchers, count);
}
