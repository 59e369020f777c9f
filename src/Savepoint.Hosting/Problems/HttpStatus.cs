using Savepoint.Protocol;

namespace Savepoint.Hosting.Problems;

/// <summary>The HTTP status of each error code. The only place where statuses are chosen.</summary>
public static class HttpStatus
{
    private const string Documents = "document.";

    private static readonly Dictionary<string, int> ByCode = new(StringComparer.Ordinal)
    {
        [ErrorCodes.InvalidRequest] = StatusCodes.Status400BadRequest,
        ["document.invalid_json"] = StatusCodes.Status400BadRequest,
        [ProblemCodes.BadRoute] = StatusCodes.Status400BadRequest,
        [ErrorCodes.Unauthenticated] = StatusCodes.Status401Unauthorized,
        [ErrorCodes.LoginEnded] = StatusCodes.Status401Unauthorized,
        [ProblemCodes.NodeNotGenuine] = StatusCodes.Status401Unauthorized,
        [ErrorCodes.Forbidden] = StatusCodes.Status403Forbidden,
        [ErrorCodes.UnknownKind] = StatusCodes.Status404NotFound,
        [ErrorCodes.NotFound] = StatusCodes.Status404NotFound,
        [ErrorCodes.VersionNotFound] = StatusCodes.Status404NotFound,
        [ProblemCodes.NoSuchEndpoint] = StatusCodes.Status404NotFound,
        [ProblemCodes.MethodNotAllowed] = StatusCodes.Status405MethodNotAllowed,
        [ErrorCodes.VersionMismatch] = StatusCodes.Status409Conflict,
        [ErrorCodes.Quarantined] = StatusCodes.Status409Conflict,
        [ErrorCodes.SessionLost] = StatusCodes.Status409Conflict,
        [ErrorCodes.SessionRequired] = StatusCodes.Status409Conflict,
        [ErrorCodes.TooManyMessages] = StatusCodes.Status409Conflict,
        [ErrorCodes.RequestForgotten] = StatusCodes.Status409Conflict,
        [ErrorCodes.TemplateMismatch] = StatusCodes.Status409Conflict,
        ["document.too_large"] = StatusCodes.Status413PayloadTooLarge,
        [ProblemCodes.BodyTooLarge] = StatusCodes.Status413PayloadTooLarge,
        [ProblemCodes.UnsupportedMediaType] = StatusCodes.Status415UnsupportedMediaType,
        [ProblemCodes.WrongNode] = StatusCodes.Status421MisdirectedRequest,
        [ProblemCodes.NotReady] = StatusCodes.Status421MisdirectedRequest,
        [ErrorCodes.RequestReused] = StatusCodes.Status422UnprocessableEntity,
        [ErrorCodes.UnknownIntent] = StatusCodes.Status422UnprocessableEntity,
        [ErrorCodes.IntentRefused] = StatusCodes.Status422UnprocessableEntity,
        [ProblemCodes.PreconditionRequired] = StatusCodes.Status428PreconditionRequired,
        [ErrorCodes.Overloaded] = StatusCodes.Status429TooManyRequests,
        [ProblemCodes.RateLimited] = StatusCodes.Status429TooManyRequests,
        [ErrorCodes.HookFailed] = StatusCodes.Status500InternalServerError,
        [ErrorCodes.Internal] = StatusCodes.Status500InternalServerError,
        [ErrorCodes.LoadTimeout] = StatusCodes.Status503ServiceUnavailable,
        [ErrorCodes.EntityBusy] = StatusCodes.Status503ServiceUnavailable,
        [ErrorCodes.SessionWaitTimeout] = StatusCodes.Status503ServiceUnavailable,
        [ErrorCodes.Unavailable] = StatusCodes.Status503ServiceUnavailable,
        [ErrorCodes.ShuttingDown] = StatusCodes.Status503ServiceUnavailable,
        [ErrorCodes.NotOwner] = StatusCodes.Status503ServiceUnavailable,
        [ProblemCodes.NoHttp2] = StatusCodes.Status502BadGateway,
        [ProblemCodes.NoOwner] = StatusCodes.Status503ServiceUnavailable,
        [ProblemCodes.OwnerUnreachable] = StatusCodes.Status503ServiceUnavailable,
        [ErrorCodes.OutcomeUnknown] = StatusCodes.Status504GatewayTimeout,
    };

    /// <summary>The status of a code. A document's rule, and an intent's own code, are 422.</summary>
    public static int Of(string code) => ByCode.TryGetValue(code, out var status) ? status : StatusCodes.Status422UnprocessableEntity;

    /// <summary>The status of an error. What is transient may come again, also where its code is an intent's own.</summary>
    public static int Of(Savepoint.Protocol.Messages.Error error) =>
        error.Transient && !ByCode.ContainsKey(error.Code) && !error.Code.StartsWith(Documents, StringComparison.Ordinal)
            ? StatusCodes.Status503ServiceUnavailable
            : Of(error.Code);
}
