using System.Diagnostics.CodeAnalysis;
using Savepoint.Hosting.Tokens;
using Savepoint.Streams.Authentication;

namespace Savepoint.Hosting.Routing;

/// <summary>
/// Marks an endpoint whose requests go to the node that owns their shard. Where a request belongs is, first found: what the endpoint finds itself, a value of its route, the header
/// <c>Savepoint-Route</c>, the query parameter <c>route</c> (for browsers, which can't set headers of WebSockets), the user of the token; each an owner's id, such
/// as a user id. A request without any stays where it came. A hint decides where a request is served, never what it may do.
/// </summary>
public sealed class RoutedByOwner
{
    /// <summary>The header that names an owner.</summary>
    public const string Header = "Savepoint-Route";
    /// <summary>The query parameter that names an owner.</summary>
    public const string Query = "route";

    /// <summary>The value of the route that names the owner; null for none.</summary>
    public string? RouteValue { get; init; }

    /// <summary>Finds the owner in a request, where it takes more than a value of the route; null for none. What it gives counts before all else.</summary>
    public Func<HttpContext, string?>? Owner { get; init; }

    /// <summary>Whether the user of the bearer token is the owner, where nothing else says more.</summary>
    public bool ByToken { get; init; }

    /// <summary>The owner's id that a request names.</summary>
    public bool TryFind(HttpContext context, [NotNullWhen(true)] out string? owner)
    {
        owner = Owner?.Invoke(context);
        if (owner is null && RouteValue is { } name && context.Request.RouteValues.TryGetValue(name, out var value))
            owner = value as string;
        if (owner is null && context.Request.Headers.TryGetValue(Header, out var header))
            owner = header.ToString();
        if (owner is null && context.Request.Query.TryGetValue(Query, out var query))
            owner = query.ToString();
        if (owner is null && ByToken)
            owner = UserOf(context);
        return owner is not null;
    }

    private static string? UserOf(HttpContext context)
    {
        if (!BearerToken.TryRead(context.Request, out string? token))
            return null;
        var tokens = context.RequestServices.GetRequiredService<IPlayerTokenVerifier>();
        return tokens.TryVerify(token, out var found) ? found.UserId : null;
    }
}

/// <summary>Marks endpoints.</summary>
public static class RoutedByOwnerExtensions
{
    /// <summary>Sends the endpoint's requests to the node that owns their shard.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="routeValue">The value of the route that names the owner; null for none.</param>
    /// <param name="byToken">Whether the user of the bearer token is the owner, where nothing else says more.</param>
    public static TBuilder RouteToOwner<TBuilder>(this TBuilder endpoint, string? routeValue = null, bool byToken = false)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RoutedByOwner { RouteValue = routeValue, ByToken = byToken });

    /// <summary>Sends the endpoint's requests to the node that owns their shard.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="owner">Finds the owner in a request; null where there is none. It must not throw.</param>
    public static TBuilder RouteToOwner<TBuilder>(this TBuilder endpoint, Func<HttpContext, string?> owner)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RoutedByOwner { Owner = owner });
}
