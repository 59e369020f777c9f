using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Streams.Authentication;

/// <summary>Checks the tokens that players log in with.</summary>
public interface IPlayerTokenVerifier
{
    /// <summary>Finds the user that a token was issued for.</summary>
    /// <returns>Whether the token is genuine, valid now, and meant for this server.</returns>
    bool TryVerify(string token, [NotNullWhen(true)] out string? userId);
}
