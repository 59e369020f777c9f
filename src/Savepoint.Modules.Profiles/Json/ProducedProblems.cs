namespace Savepoint.Modules.Profiles.Json;

/// <summary>Says which problems endpoints answer with, for the description of the API.</summary>
internal static class ProducedProblems
{
    private static readonly int[] OfAll =
    [
        StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound,
        StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable,
    ];

    private static readonly int[] OfChanges =
    [
        StatusCodes.Status409Conflict, StatusCodes.Status412PreconditionFailed, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType,
        StatusCodes.Status422UnprocessableEntity, StatusCodes.Status504GatewayTimeout,
    ];

    public static RouteHandlerBuilder ProducesReadProblems(this RouteHandlerBuilder endpoint)
    {
        foreach (var status in OfAll)
            endpoint.ProducesProblem(status);
        return endpoint;
    }

    public static RouteHandlerBuilder ProducesChangeProblems(this RouteHandlerBuilder endpoint)
    {
        foreach (var status in OfChanges)
            endpoint.ProducesProblem(status);
        return endpoint.ProducesReadProblems();
    }
}
