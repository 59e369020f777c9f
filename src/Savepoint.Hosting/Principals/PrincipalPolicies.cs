using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Hosting.Tokens;
using Savepoint.Streams.Authentication;

namespace Savepoint.Hosting.Principals;

/// <summary>Says which endpoints are for whom, and who is asking.</summary>
public static class PrincipalPolicies
{
    /// <summary>Registers the authentication of HTTP requests. Needs <see cref="AccessKeys"/> and an <see cref="IPlayerTokenVerifier"/>.</summary>
    public static IServiceCollection AddHttpPrincipals(this IServiceCollection services)
    {
        // Not AddAuthentication, which also makes keys for cookies, and a place for them on the disk.
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = PrincipalAuthentication.Scheme;
            options.AddScheme<PrincipalAuthentication>(PrincipalAuthentication.Scheme, displayName: null);
        });
        services.TryAddSingleton<TokenMetrics>();
        services.AddTransient<PrincipalAuthentication>();
        services.AddAuthorization();
        return services;
    }

    /// <summary>Finds out who sends a request. Goes before authorization.</summary>
    public static IApplicationBuilder UseHttpPrincipals(this IApplicationBuilder app) => app
        .UseMiddleware<KnownPlayers>()
        .UseWhen(static context => context.FindPrincipal() is null, static unknown => unknown.UseAuthentication());

    /// <summary>
    /// Answers requests of nobody else: 401 without valid credentials, 403 for other roles. What the principal may do with an entity is still for
    /// <see cref="Savepoint.Streams.Authorization.IAuthorizer"/> to say.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="roles">Whose requests are answered; everybody's who has valid credentials when there are none.</param>
    public static TBuilder RequirePrincipal<TBuilder>(this TBuilder endpoint, params PrincipalRole[] roles)
        where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(policy =>
        {
            policy.RequireAuthenticatedUser();
            if (roles.Length > 0)
                policy.RequireRole(roles.Select(static role => role.ToString()));
        });

    /// <summary>Who sends the request; null where nobody was found out.</summary>
    public static Principal? FindPrincipal(this HttpContext context) => (context.User.Identity as PrincipalIdentity)?.Principal;

    /// <summary>Who sends the request, of an endpoint that <see cref="RequirePrincipal"/> was said of.</summary>
    /// <exception cref="InvalidOperationException">Nobody was found out: the endpoint asks for no principal.</exception>
    public static Principal GetPrincipal(this HttpContext context) =>
        context.FindPrincipal() ?? throw new InvalidOperationException("The endpoint asks for no principal.");
}
