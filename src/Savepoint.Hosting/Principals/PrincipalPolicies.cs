using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
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

    /// <summary>Finds out who sends a request, and refuses it where its endpoint is for others. Goes behind routing.</summary>
    public static IApplicationBuilder UseHttpPrincipals(this IApplicationBuilder app)
    {
        // Else the web application puts ASP.NET Core's own in front of everything: requests that limits refuse would be authenticated, and all others twice.
        app.Properties["__AuthenticationMiddlewareSet"] = app.Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseMiddleware<PrincipalGate>();
        return app.ApplicationServices.GetRequiredService<IOptions<AuthorizationOptions>>().Value.FallbackPolicy is null
            ? app.UseWhen(HasPoliciesOfTheFramework, static other => other.UseAuthorization())
            : app.UseAuthorization();
    }

    /// <summary>
    /// Answers requests of nobody else: 401 without valid credentials, 403 for other roles. What the principal may do with an entity is still for
    /// <see cref="Savepoint.Streams.Authorization.IAuthorizer"/> to say. ASP.NET Core's own policies can be asked for besides, by <c>RequireAuthorization</c>.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="roles">Whose requests are answered; everybody's who has valid credentials when there are none.</param>
    public static TBuilder RequirePrincipal<TBuilder>(this TBuilder endpoint, params PrincipalRole[] roles)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredPrincipal(roles));

    private static bool HasPoliciesOfTheFramework(HttpContext context) => context.GetEndpoint()?.Metadata is { } of
        && (of.GetMetadata<IAuthorizeData>() is not null || of.GetMetadata<AuthorizationPolicy>() is not null || of.GetMetadata<IAuthorizationRequirementData>() is not null);

    /// <summary>Who sends the request; null where nobody was found out.</summary>
    public static Principal? FindPrincipal(this HttpContext context) => (context.User.Identity as PrincipalIdentity)?.Principal;

    /// <summary>Who sends the request, of an endpoint that <see cref="RequirePrincipal"/> was said of.</summary>
    /// <exception cref="InvalidOperationException">Nobody was found out: the endpoint asks for no principal.</exception>
    public static Principal GetPrincipal(this HttpContext context) =>
        context.FindPrincipal() ?? throw new InvalidOperationException("The endpoint asks for no principal.");
}
