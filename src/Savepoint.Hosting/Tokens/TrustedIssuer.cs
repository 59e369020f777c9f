using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Savepoint.Hosting.Tokens;

/// <summary>
/// Somebody whose tokens are accepted, and under which conditions: signed with ES256 and nothing else, so that the token can't choose how it is checked (RFC 8725, section
/// 3.1), with the key that the token names, which has to be one of the issuer's; with exactly this issuer and audience.
/// </summary>
public sealed class TrustedIssuer
{
    private readonly ITokenKeys _keys;

    private TrustedIssuer(string name, string audience, ITokenKeys keys)
    {
        (Name, _keys) = (name, keys);
        Conditions = new TokenValidationParameters
        {
            ValidIssuer = name,
            ValidAudience = audience,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            TryAllIssuerSigningKeys = false,
            IssuerSigningKeyResolver = (_, _, keyId, _) => _keys.Find(keyId) is { } key ? [key] : [],
            TypeValidator = (type, _, _) => string.IsNullOrEmpty(type) || string.Equals(type, JwtConstants.HeaderType, StringComparison.OrdinalIgnoreCase)
                ? type
                : throw new SecurityTokenInvalidTypeException("The token is of another type."),

            // Whether it is valid now is asked again whenever it is used, of the server's own clock (VerifiedToken).
            LifetimeValidator = static (_, expires, _, _) => expires is not null,
            LogValidationExceptions = false,
        };
    }

    /// <summary>What the issuer calls itself.</summary>
    internal string Name { get; }

    internal TokenValidationParameters Conditions { get; }

    /// <summary>How long before its time a token is accepted, since clocks differ.</summary>
    internal TimeSpan EarlyBy { get; private init; }

    /// <summary>How long after its time a token is accepted, since clocks differ.</summary>
    internal TimeSpan LateBy { get; private init; }

    /// <summary>Whether its tokens belong to login sessions of this server, and have to name one.</summary>
    internal bool HasLoginSessions { get; private init; }

    /// <summary>An issuer elsewhere, such as a studio's own accounts.</summary>
    /// <param name="name">What it calls itself in its tokens.</param>
    /// <param name="audience">What its tokens have to name.</param>
    /// <param name="keySet">Its public keys: a JSON Web Key Set (RFC 7517).</param>
    /// <param name="clockSkew">How far its clock may be from this server's.</param>
    /// <exception cref="InvalidDataException">The keys can't be used.</exception>
    public static TrustedIssuer Elsewhere(string name, string audience, ReadOnlySpan<byte> keySet, TimeSpan clockSkew) =>
        new(name, audience, PublicKeySet.Parse(keySet)) { EarlyBy = clockSkew, LateBy = clockSkew };

    /// <summary>This cluster itself.</summary>
    /// <param name="options">What its tokens say.</param>
    /// <param name="keys">What they are signed with.</param>
    public static TrustedIssuer Ourselves(IssuedTokenOptions options, PlayerKeyRing keys) =>
        new(options.Issuer, options.Audience, keys) { EarlyBy = TimeSpan.FromSeconds(30), HasLoginSessions = true };

    /// <summary>Whether its keys are known yet.</summary>
    internal bool IsReady => _keys.IsReady;

    internal bool Has(string keyId) => _keys.Find(keyId) is not null;
}
