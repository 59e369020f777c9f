using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Streams.Authentication;

/// <summary>Checks the tokens that players log in with. All methods may be called from several threads at once.</summary>
public interface IPlayerTokenVerifier
{
    /// <summary>Whether it has all that it takes to check tokens; before, that one is refused says nothing of it. The default is true.</summary>
    bool IsReady => true;

    /// <summary>
    /// Reads a token. It says nothing of whether the login session of the token is still open, which <see cref="ILoginSessions"/> knows. Cheap for a token that
    /// it was asked for lately.
    /// </summary>
    /// <param name="token">The token as the player sent it; anything.</param>
    /// <param name="found">What it says.</param>
    /// <returns>Whether the token is genuine, valid now, and meant for this server.</returns>
    bool TryVerify(string token, [NotNullWhen(true)] out PlayerToken? found);

    /// <summary>Whether a token is refused only since its time is over, so that its bearer had better get a fresh one than log in anew.</summary>
    /// <param name="token">A token that <see cref="TryVerify"/> refused.</param>
    /// <returns>Whether it is genuine and meant for this server, and has expired. Always false where it is not known.</returns>
    bool IsExpired(string token) => false;
}
