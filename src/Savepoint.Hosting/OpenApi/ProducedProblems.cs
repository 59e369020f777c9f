using Savepoint.Hosting.Problems;

namespace Savepoint.Hosting.OpenApi;

/// <summary>Metadata of an endpoint: a problem that its requests may be answered with.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Code">The code; null where the endpoint's intents give codes of their own beside those that are named.</param>
public sealed record ProducedProblem(int Status, string? Code);

/// <summary>
/// Says which problems endpoints answer with, for the description of the API. What follows from other metadata needs no saying: what authentication, routing,
/// limits and bodies bring (<see cref="ImpliedProblems"/>).
/// </summary>
public static class ProducedProblemsExtensions
{
    /// <summary>Names problems by their codes, under the statuses that the codes have (<see cref="HttpStatus"/>).</summary>
    public static TBuilder ProducesProblems<TBuilder>(this TBuilder endpoint, params IEnumerable<string> codes)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata([.. codes.Select(static code => new ProducedProblem(HttpStatus.Of(code), code))]);

    /// <summary>Names problems by what the endpoint throws.</summary>
    public static TBuilder ProducesProblems<TBuilder>(this TBuilder endpoint, params IEnumerable<ProblemException> problems)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata([.. problems.Select(static problem => new ProducedProblem(problem.Status, problem.Error.Code))]);

    /// <summary>Names problems that have another status here than they have elsewhere.</summary>
    public static TBuilder ProducesProblemsAs<TBuilder>(this TBuilder endpoint, int status, params IEnumerable<string> codes)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata([.. codes.Select(code => new ProducedProblem(status, code))]);

    /// <summary>Says that intents give codes of their own, with the status 422.</summary>
    public static TBuilder ProducesIntentProblems<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ProducedProblem(StatusCodes.Status422UnprocessableEntity, null));
}
