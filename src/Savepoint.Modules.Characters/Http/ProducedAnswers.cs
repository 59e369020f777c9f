namespace Savepoint.Modules.Characters.Http;

/// <summary>Says what endpoints answer with, for the description of the API.</summary>
internal static class ProducedAnswers
{
    private static readonly int[] OfAll =
    [
        StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound,
        StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable,
    ];

    private static readonly int[] OfChanges =
    [
        StatusCodes.Status409Conflict, StatusCodes.Status412PreconditionFailed, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType,
        StatusCodes.Status422UnprocessableEntity, StatusCodes.Status428PreconditionRequired, StatusCodes.Status504GatewayTimeout,
    ];

    public static RouteHandlerBuilder ProducesReads(this RouteHandlerBuilder endpoint) => endpoint.ProducesProblems(OfAll);

    public static RouteHandlerBuilder ProducesChanges(this RouteHandlerBuilder endpoint, IEnumerable<string> codes) => endpoint
        .Produces<CharacterAnswer>()
        .ProducesProblems(OfAll.Concat(OfChanges).Concat(codes.Select(code => CharacterErrors.Find(code)?.Status ?? StatusCodes.Status422UnprocessableEntity)));

    private static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, IEnumerable<int> statuses)
    {
        foreach (var status in statuses.Distinct())
            endpoint.ProducesProblem(status);
        return endpoint;
    }
}
