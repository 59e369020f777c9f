namespace Savepoint.Hosting.OpenApi;

/// <summary>Metadata of an endpoint: a header of its successful answers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means.</param>
public sealed record AnswerHeader(string Name, string Description);

/// <summary>Says what endpoints put on answers, for the description of the API.</summary>
public static class AnswerHeaderExtensions
{
    private static readonly AnswerHeader EntityTag = new("ETag", "The version, as `If-Match` takes it.");

    /// <summary>Names a header.</summary>
    public static TBuilder GivesHeader<TBuilder>(this TBuilder endpoint, string name, string description)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AnswerHeader(name, description));

    /// <summary>The endpoint's answers have an <c>ETag</c>.</summary>
    public static TBuilder GivesEntityTag<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(EntityTag);
}
