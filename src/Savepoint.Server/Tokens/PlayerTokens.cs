using System.Diagnostics.CodeAnalysis;
using Savepoint.Server.Configuration;
using Savepoint.Server.Development;
using Savepoint.Streams.Authentication;

namespace Savepoint.Server.Tokens;

/// <summary>Accepts the tokens of the configured issuer, and in development those that the server gives out itself.</summary>
internal sealed class PlayerTokens : IPlayerTokenVerifier
{
    private readonly Es256TokenVerifier[] _verifiers;

    private PlayerTokens(Es256TokenVerifier[] verifiers) => _verifiers = verifiers;

    /// <exception cref="InvalidDataException">The configured key set can't be used.</exception>
    public static IPlayerTokenVerifier From(TokenOptions options, DevelopmentKeys? development, TimeProvider time)
    {
        var verifiers = new List<Es256TokenVerifier>();
        if (options.KeysFile is { } file)
            verifiers.Add(new Es256TokenVerifier(JsonWebKeySet.Parse(File.ReadAllBytes(file)), options, time));
        if (development is not null)
            verifiers.Add(new Es256TokenVerifier(JsonWebKeySet.Parse(development.PublicKeySet()), new TokenOptions { Issuer = DevelopmentKeys.Issuer, Audience = DevelopmentKeys.Audience }, time));
        return new PlayerTokens([.. verifiers]);
    }

    public bool TryVerify(string token, [NotNullWhen(true)] out PlayerToken? found)
    {
        foreach (var verifier in _verifiers)
        {
            if (verifier.TryVerify(token, out found))
                return true;
        }

        found = null;
        return false;
    }
}
