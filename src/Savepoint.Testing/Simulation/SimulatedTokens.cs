using System.Diagnostics.CodeAnalysis;
using Savepoint.Streams.Authentication;

namespace Savepoint.Testing;

/// <summary>Takes a player's word for who it is.</summary>
internal sealed class SimulatedTokens : IPlayerTokenVerifier
{
    private const string Prefix = "token-of-";

    public static string Of(string userId) => Prefix + userId;

    public bool TryVerify(string token, [NotNullWhen(true)] out PlayerToken? found)
    {
        found = token.StartsWith(Prefix, StringComparison.Ordinal) ? new PlayerToken(token[Prefix.Length..], LoginSession: null, DateTimeOffset.MaxValue) : null;
        return found is not null;
    }
}
