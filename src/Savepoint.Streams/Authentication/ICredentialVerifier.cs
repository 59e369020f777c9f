using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Authentication;

/// <summary>Finds out who says Hello.</summary>
public interface ICredentialVerifier
{
    /// <summary>Returns who it is, or null when the credentials prove nothing.</summary>
    ValueTask<Principal?> VerifyAsync(Hello hello, CancellationToken cancellationToken);
}
