using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Hosting.Tokens;
using Savepoint.Server.Configuration;
using Savepoint.Server.Development;
using Savepoint.Server.Tokens;
using Savepoint.Streams.Authentication;

namespace Savepoint.Server.Tests.Accounts;

internal sealed class PassingTokens(IPlayerTokenVerifier others, TimeProvider time) : IPlayerTokenIssuer, IPlayerTokenVerifier
{
    public static void Use(IServiceCollection services)
    {
        services.AddSingleton(provider => new PassingTokens(
            PlayerTokens.From(new TokenOptions(), provider.GetService<DevelopmentKeys>(), provider.GetRequiredService<TimeProvider>()), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IPlayerTokenIssuer>(provider => provider.GetRequiredService<PassingTokens>());
        services.Replace(ServiceDescriptor.Singleton<IPlayerTokenVerifier>(provider => provider.GetRequiredService<PassingTokens>()));
    }

    public string Issue(string userId, string loginSession, DateTimeOffset now, DateTimeOffset expires) => $"{userId}~{loginSession}~{expires.ToUnixTimeMilliseconds()}";

    public bool TryVerify(string token, [NotNullWhen(true)] out PlayerToken? found)
    {
        if (token.Split('~') is not [var user, var session, var expires])
            return others.TryVerify(token, out found);
        found = new PlayerToken(user, session, DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(expires, CultureInfo.InvariantCulture)));
        return found.ExpiresAt > time.GetUtcNow();
    }
}
