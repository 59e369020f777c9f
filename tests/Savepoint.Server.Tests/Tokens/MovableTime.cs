namespace Savepoint.Server.Tests.Tokens;

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class MovableTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
