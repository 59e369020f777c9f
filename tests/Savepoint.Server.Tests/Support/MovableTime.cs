namespace Savepoint.Server.Tests;

/// <summary>A clock that is set forward and back: the system's, or one that stands. What takes time takes as long as ever.</summary>
/// <param name="stands">The time at which it stands until it is set; null for one that runs.</param>
internal sealed class MovableTime(DateTimeOffset? stands = null) : TimeProvider
{
    private long _ticks;

    public DateTimeOffset Now
    {
        get => GetUtcNow();
        set => Shift(value - GetUtcNow());
    }

    public void Shift(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => (stands ?? base.GetUtcNow()) + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
}
