using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Authentication;

/// <summary>Finds out who says Hello.</summary>
public interface ICredentialVerifier
{
    /// <summary>Returns who it is, or null when the credentials prove nothing.</summary>
    /// <exception cref="LoginSessionsUnavailableException">It can't be found out at present.</exception>
    ValueTask<Principal?> VerifyAsync(Hello hello, CancellationToken cancellationToken);
}
