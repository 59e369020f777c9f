using Savepoint.Hosting.Requests;
using Savepoint.Hosting.Routing;
using Savepoint.Streams.Requests;

namespace Savepoint.Hosting.OpenApi;

/// <summary>Metadata of an endpoint: a header or a parameter of the address that it reads by itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means.</param>
public sealed record RequestParameter(string Name, string Description)
{
    /// <summary>Whether it is a header; else it stands in the address.</summary>
    public bool IsHeader { get; init; }

    /// <summary>Whether it is a whole number; else it is a text.</summary>
    public bool IsNumber { get; init; }

    /// <summary>Whether it has to be there.</summary>
    public bool IsRequired { get; init; }

    /// <summary>An example of a value; null for none.</summary>
    public string? Example { get; init; }
}

/// <summary>Says what endpoints read of requests, for the description of the API.</summary>
public static class RequestParameterExtensions
{
    private static readonly RequestParameter IdempotencyKeyHeader = new(IdempotencyKey.Header, "The same request again, with the same key, has the outcome of the first for 10 minutes; with another content it is refused. 1 to 256 characters.") { IsHeader = true };
    private static readonly RequestParameter ReasonHeader = new(ChangeHeaders.Reason, $"Why, for the history and the ledger; at most {UnitReason.MaxLength} characters. The body's `reason` counts first.") { IsHeader = true };
    private static readonly RequestParameter CorrelationHeader = new(ChangeHeaders.CorrelationId, "Ties the change to the request that caused it; at most 256 characters.") { IsHeader = true };
    private static readonly RequestParameter MatchHeader = new("If-Match", "The version that is expected, as `ETag` gives it, or `*` for any that exists. Another one: 412.") { IsHeader = true, Example = "\"7\"" };
    private static readonly RequestParameter NoneMatchHeader = new("If-None-Match", "`*`: it must not exist.") { IsHeader = true, Example = "*" };

    /// <summary>What every request may say.</summary>
    internal static readonly RequestParameter NameHeader = new("Savepoint-Name", "What the process or person with the secret is called, for the history; not for players.") { IsHeader = true };

    /// <summary>What every routed request may say.</summary>
    internal static readonly RequestParameter RouteHeader = new(RoutedByOwner.Header, "The user id whose node serves the request at once, where the address does not say. It decides where a request is served, never what it may do.") { IsHeader = true };

    /// <summary>Names a parameter of the address.</summary>
    public static TBuilder TakesQuery<TBuilder>(this TBuilder endpoint, string name, string description, string? example = null, bool isNumber = false, bool isRequired = false)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequestParameter(name, description) { Example = example, IsNumber = isNumber, IsRequired = isRequired });

    /// <summary>Names a header.</summary>
    public static TBuilder TakesHeader<TBuilder>(this TBuilder endpoint, string name, string description, string? example = null)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequestParameter(name, description) { IsHeader = true, Example = example });

    /// <summary>The endpoint takes <c>Idempotency-Key</c>.</summary>
    public static TBuilder TakesIdempotencyKey<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(IdempotencyKeyHeader);

    /// <summary>The endpoint takes what changes may say of themselves: <c>Idempotency-Key</c>, <c>Savepoint-Reason</c>, <c>X-Correlation-Id</c>.</summary>
    public static TBuilder TakesChangeHeaders<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(IdempotencyKeyHeader, ReasonHeader, CorrelationHeader);

    /// <summary>The endpoint takes the version that is expected as <c>If-Match</c> and <c>If-None-Match</c>.</summary>
    public static TBuilder TakesPreconditions<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(MatchHeader, NoneMatchHeader);
}
