using Savepoint.Hosting.Tokens;
using Savepoint.Server.Configuration;
using Savepoint.Server.Development;

namespace Savepoint.Server.Composition;

/// <summary>Whose tokens a server accepts: its own, those of the issuer that the settings name, and in development those that it gives to everybody.</summary>
internal static class TrustedIssuers
{
    /// <exception cref="InvalidDataException">The configured key set can't be used.</exception>
    public static IReadOnlyList<TrustedIssuer> From(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<SavepointOptions>().Tokens;
        var issuers = new List<TrustedIssuer> { TrustedIssuer.Ourselves(provider.GetRequiredService<IssuedTokenOptions>(), provider.GetRequiredService<PlayerKeyRing>()) };
        if (options.KeysFile is { } file)
            issuers.Add(TrustedIssuer.Elsewhere(options.Issuer!, options.Audience!, File.ReadAllBytes(file), options.ClockSkew));
        if (provider.GetService<DevelopmentKeys>() is { } development)
            issuers.Add(TrustedIssuer.Elsewhere(DevelopmentKeys.Issuer, DevelopmentKeys.Audience, development.PublicKeySet(), TimeSpan.FromSeconds(30)));
        return issuers;
    }
}
