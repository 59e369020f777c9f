namespace Savepoint.Engine.Sessions;

/// <summary>An entity's session. The first part is journaled; the second is what the engine knows of the holder's connection.</summary>
internal sealed class SessionState
{
    /// <summary>The fencing number; only grows.</summary>
    public long Number { get; set; }

    public bool IsActive { get; set; }

    public string Holder { get; set; } = "";

    public Guid Writer { get; set; }

    public long Request { get; set; }

    public long SinceTicks { get; set; }

    /// <summary>The holder's connection; null while it has none.</summary>
    public SessionHolder? Attached { get; set; }

    /// <summary>Since when the holder has no connection, in ticks of the engine's clock.</summary>
    public long DetachedSince { get; set; }

    /// <summary>Whether the holder died with the process before this one: nobody waits for its lease.</summary>
    public bool IsAbandoned { get; set; }

    public List<SessionWaiter> Waiters { get; } = [];
}

/// <summary>A holder-to-be and the timer that ends its wait.</summary>
internal sealed record SessionWaiter(SessionHolder Holder, long Deadline);
