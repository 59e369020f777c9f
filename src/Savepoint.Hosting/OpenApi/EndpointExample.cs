using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Hosting.OpenApi;

/// <summary>Metadata of an endpoint: examples of its bodies and of the values in its address.</summary>
public sealed class EndpointExample
{
    /// <summary>The body of a request, as JSON; null for none.</summary>
    public string? Request { get; init; }

    /// <summary>The body of the answer to it, as JSON; null for none.</summary>
    public string? Answer { get; init; }

    /// <summary>The status of the answer that <see cref="Answer"/> belongs to. The default value is 200.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;
}

/// <summary>Metadata of an endpoint: an example of a value of its route.</summary>
/// <param name="Name">The value's name.</param>
/// <param name="Value">The example.</param>
/// <param name="Description">What it means.</param>
public sealed record RouteExample(string Name, string Value, string Description);

/// <summary>Gives examples, for the description of the API.</summary>
public static class EndpointExampleExtensions
{
    /// <summary>Gives an example of the endpoint's bodies.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="answer">The body of an answer.</param>
    /// <param name="request">The body of the request that it answers; null for none.</param>
    /// <param name="status">The status of the answer.</param>
    public static TBuilder WithExample<TBuilder>(
        this TBuilder endpoint,
        [StringSyntax(StringSyntaxAttribute.Json)] string? answer,
        [StringSyntax(StringSyntaxAttribute.Json)] string? request = null,
        int status = StatusCodes.Status200OK)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new EndpointExample { Request = request, Answer = answer, Status = status });

    /// <summary>Gives an example of a value of the endpoint's route.</summary>
    public static TBuilder WithRouteExample<TBuilder>(this TBuilder endpoint, string name, string value, string description)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RouteExample(name, value, description));
}
