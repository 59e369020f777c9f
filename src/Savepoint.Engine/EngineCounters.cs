namespace Savepoint.Engine;

/// <summary>Running totals of what is in memory, kept as things happen.</summary>
internal sealed class EngineCounters
{
    private long _resident;
    private long _sessions;
    private long _watchers;

    public long Resident => Volatile.Read(ref _resident);

    public long Sessions => Volatile.Read(ref _sessions);

    public long Watchers => Volatile.Read(ref _watchers);

    public void AddResident(long count) => Interlocked.Add(ref _resident, count);

    public void AddSessions(long count) => Interlocked.Add(ref _sessions, count);

    public void AddWatchers(long count) => Interlocked.Add(ref _watchers, count);
}
