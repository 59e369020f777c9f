using Savepoint.Protocol;

namespace Savepoint.Client;

/// <summary>How the opening of a session ended.</summary>
/// <typeparam name="T">The profile's data.</typeparam>
public abstract record SessionOpenResult<T>
    where T : ProfileData, new()
{
    private SessionOpenResult()
    {
    }

    /// <summary>The profile, for callers that can't go on without.</summary>
    /// <returns>The profile.</returns>
    /// <exception cref="SavepointException">The session was not acquired.</exception>
    public Profile<T> ProfileOrThrow() => this switch
    {
        Acquired acquired => acquired.Profile,
        HeldElsewhere held => throw new SavepointException(ErrorCodes.SessionRequired, $"{held.Holder} holds the session.") { IsTransient = true, Holder = held.Holder },
        _ => throw new SavepointException(ErrorCodes.ShuttingDown, "The server is shutting down.") { IsTransient = true },
    };

    /// <summary>The session is held here now.</summary>
    /// <param name="Profile">The profile.</param>
    public sealed record Acquired(Profile<T> Profile) : SessionOpenResult<T>;

    /// <summary>Another server holds the session, and <see cref="SessionConflict.Fail"/> was asked for.</summary>
    /// <param name="Holder">Who holds it.</param>
    /// <param name="Since">Since when.</param>
    public sealed record HeldElsewhere(string Holder, DateTimeOffset Since) : SessionOpenResult<T>;

    /// <summary>The server is shutting down and opens no sessions any more.</summary>
    public sealed record ShuttingDown : SessionOpenResult<T>;
}
