namespace Savepoint.Client;

/// <summary>What to do when another server holds the session.</summary>
public enum SessionConflict : byte
{
    /// <summary>Ask it to save and hand over, and wait. The default.</summary>
    Wait = 0,

    /// <summary>Take the session at once; what the holder has not saved is lost.</summary>
    Steal = 1,

    /// <summary>Report who holds it: <see cref="SessionOpenResult{T}.HeldElsewhere"/>.</summary>
    Fail = 2,
}

/// <summary>How to open a session. Immutable.</summary>
public sealed record SessionOptions
{
    /// <summary>All defaults.</summary>
    public static SessionOptions Default { get; } = new();

    /// <summary>What to do when another server holds the session. The default is <see cref="SessionConflict.Wait"/>.</summary>
    public SessionConflict Conflict { get; init; }

    /// <summary>How long to wait for the holder. The default value is 120 seconds, the range 1 ms to 1 hour.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Asked when another server wants the session; false keeps it. The default is null: save and end. Called on the client's flow: it must not
    /// block. Who keeps a session should end it soon: the other waits.
    /// </summary>
    public Func<SessionRequest, bool>? HandOver { get; init; }

    internal void Validate()
    {
        var errors = new OptionErrors();
        errors.Range(WaitTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), nameof(WaitTimeout));
        errors.AddIf(Conflict > SessionConflict.Fail, "Conflict is not one of its values.");
        errors.ThrowIfAny();
    }
}

/// <summary>Another server wants a session that is held here.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Requester">Who wants it.</param>
public sealed record SessionRequest(Profile Profile, string Requester);
