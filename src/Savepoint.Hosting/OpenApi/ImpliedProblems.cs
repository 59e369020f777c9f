using Microsoft.AspNetCore.Http.Metadata;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Routing;
using Savepoint.Protocol;

namespace Savepoint.Hosting.OpenApi;

/// <summary>The problems that follow from what else is known of an endpoint.</summary>
internal static class ImpliedProblems
{
    private static readonly ProducedProblem[] OfAll =
    [
        Of(ErrorCodes.InvalidRequest), Of(ProblemCodes.RateLimited), Of(ErrorCodes.Internal),
    ];

    private static readonly ProducedProblem[] OfPrincipals = [Of(ErrorCodes.Unauthenticated), Of(ErrorCodes.Forbidden)];

    private static readonly ProducedProblem[] OfBodies =
    [
        new(StatusCodes.Status400BadRequest, "document.invalid_json"), Of(ProblemCodes.BodyTooLarge), Of(ProblemCodes.UnsupportedMediaType),
    ];

    private static readonly ProducedProblem[] OfRouting =
    [
        Of(ProblemCodes.BadRoute), Of(ProblemCodes.NoOwner), Of(ProblemCodes.OwnerUnreachable), Of(ProblemCodes.NoHttp2),
        new(StatusCodes.Status502BadGateway, ErrorCodes.OutcomeUnknown),
    ];

    /// <summary>All problems of an endpoint: those that it names, and those that follow.</summary>
    public static IEnumerable<ProducedProblem> AllOf(IEnumerable<object> metadata)
    {
        var all = metadata.ToList();
        IEnumerable<ProducedProblem> problems = [.. OfAll, .. all.OfType<ProducedProblem>()];
        if (RequiredPrincipal.IsAmong(all))
            problems = problems.Concat(OfPrincipals);
        if (all.OfType<IAcceptsMetadata>().Any())
            problems = problems.Concat(OfBodies);
        if (all.OfType<RoutedByOwner>().Any())
            problems = problems.Concat(OfRouting);
        return problems.Distinct();
    }

    private static ProducedProblem Of(string code) => new(HttpStatus.Of(code), code);
}
