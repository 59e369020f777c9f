using Savepoint.Documents;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;

namespace Savepoint.Modules.Profiles.Json;

/// <summary>Says which problems endpoints answer with, for the description of the API.</summary>
internal static class ProducedProblems
{
    private static readonly string[] OfReads = [ErrorCodes.UnknownKind, ErrorCodes.NotFound];

    private static readonly string[] OfChanges = [ErrorCodes.VersionMismatch, ErrorCodes.SessionRequired, ErrorCodes.RequestReused, ErrorCodes.RequestForgotten];

    // Those that a delta, a document or an intent's arguments can break.
    private static readonly string[] OfDocuments = [.. Enum.GetValues<DocumentError>().Where(static error => error != DocumentError.None).Select(static error => error.Code())];

    public static RouteHandlerBuilder ProducesReadProblems(this RouteHandlerBuilder endpoint) => endpoint.ProducesEngineReads().ProducesProblems(OfReads);

    public static RouteHandlerBuilder ProducesChangeProblems(this RouteHandlerBuilder endpoint) => endpoint
        .ProducesEngineChanges()
        .ProducesProblems(OfReads)
        .ProducesProblems(OfChanges)
        .ProducesProblems(OfDocuments);

    /// <summary>Of changes that take the expected version as a header.</summary>
    public static RouteHandlerBuilder ProducesPreconditionProblems(this RouteHandlerBuilder endpoint) =>
        endpoint.ProducesProblemsAs(StatusCodes.Status412PreconditionFailed, ErrorCodes.VersionMismatch);

    /// <summary>Of changes that may be intents.</summary>
    public static RouteHandlerBuilder ProducesProblemsOfIntents(this RouteHandlerBuilder endpoint) => endpoint
        .ProducesProblems(ErrorCodes.UnknownIntent, ErrorCodes.IntentRefused)
        .ProducesIntentProblems();
}
