using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;

namespace Savepoint.Streams.Errors;

/// <summary>Turns refusals of every origin into the protocol's errors, which HTTP answers are made from as well. The only place where codes are chosen.</summary>
public static class RequestErrors
{
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>What a refusal of the engine says.</summary>
    /// <param name="refusal">The refusal.</param>
    /// <param name="asked">The entity that was asked for, where the refusal names none.</param>
    public static Error From(Refusal refusal, EntityKey asked = default)
    {
        var key = refusal.Key.Kind is null ? asked : refusal.Key;
        var error = new Error
        {
            Code = CodeOf(refusal),
            Message = refusal.Detail is { } detail && refusal.Code != RefusalCode.IntentRefused ? $"{MessageOf(refusal)} ({detail})" : MessageOf(refusal),
            Transient = refusal.IsTransient,
            OutcomeUnknown = refusal.Code == RefusalCode.OutcomeUnknown,
            Mutation = (uint)refusal.Mutation,
            Kind = key.Kind ?? "",
            Id = key.Id ?? "",
            ExpectedVersion = (ulong)refusal.ExpectedVersion,
            CurrentVersion = (ulong)refusal.CurrentVersion,
            Holder = refusal.Holder ?? "",
            Path = refusal.Path ?? "",
        };
        if (refusal.IsTransient)
            error.RetryAfterMs = (uint)(refusal.RetryAfter ?? DefaultRetryAfter).TotalMilliseconds;
        return error;
    }

    /// <summary>
    /// What a refusal of the engine says to whoever asked. To players it names nothing that is inside the server: the stored bytes, hooks and exceptions that it is about
    /// are the concern of those who run the game.
    /// </summary>
    /// <param name="refusal">The refusal.</param>
    /// <param name="principal">Who asked.</param>
    /// <param name="asked">The entity that was asked for, where the refusal names none.</param>
    public static Error From(Refusal refusal, Principal principal, EntityKey asked = default) =>
        From(principal.Role == PrincipalRole.Player && IsAboutTheInside(refusal.Code) ? refusal with { Detail = null, Path = null } : refusal, asked);

    /// <summary>What a denial says.</summary>
    /// <param name="denial">The denial.</param>
    /// <param name="key">The entity.</param>
    /// <param name="mutation">Which mutation of the unit.</param>
    public static Error From(Denial denial, EntityKey key, int mutation = 0) => new()
    {
        Code = ErrorCodes.Forbidden,
        Message = denial.Message,
        Mutation = (uint)mutation,
        Kind = key.Kind,
        Id = key.Id,
        Path = denial.Path ?? "",
    };

    /// <summary>An error of no entity.</summary>
    public static Error Of(string code, string message) => new() { Code = code, Message = message };

    /// <summary>Nobody knows whether a change took effect: no answer came.</summary>
    public static Error OutcomeUnknown(string message) => new() { Code = ErrorCodes.OutcomeUnknown, Message = message, OutcomeUnknown = true };

    /// <summary>Too much is under way; the same can succeed in a moment.</summary>
    public static Error Overloaded(string message) => Transient(ErrorCodes.Overloaded, message);

    /// <summary>The server has not joined its cluster yet, or not started; the same can succeed in a moment.</summary>
    public static Error NotReady() => Transient(ErrorCodes.Unavailable, "The server is not ready.");

    /// <summary>An error of no entity that is for now: the same can succeed in a moment.</summary>
    public static Error Transient(string code, string message) => new()
    {
        Code = code,
        Message = message,
        Transient = true,
        RetryAfterMs = (uint)DefaultRetryAfter.TotalMilliseconds,
    };

    /// <summary>The code under which an outcome is counted: intents' own codes are many, so they count as one.</summary>
    public static string CountedAs(Refusal refusal) => refusal.Code == RefusalCode.IntentRefused ? ErrorCodes.IntentRefused : CodeOf(refusal);

    // What these say is made by those who ask, or is about them.
    private static bool IsAboutTheInside(RefusalCode code) => code is not (RefusalCode.InvalidRequest or RefusalCode.UnknownIntent or RefusalCode.Overloaded
        or RefusalCode.IntentRefused or RefusalCode.Document);

    private static string CodeOf(Refusal refusal) => refusal.Code switch
    {
        RefusalCode.InvalidRequest => ErrorCodes.InvalidRequest,
        RefusalCode.UnknownKind => ErrorCodes.UnknownKind,
        RefusalCode.UnknownIntent => ErrorCodes.UnknownIntent,
        RefusalCode.NotFound => ErrorCodes.NotFound,
        RefusalCode.VersionNotFound => ErrorCodes.VersionNotFound,
        RefusalCode.Quarantined => ErrorCodes.Quarantined,
        RefusalCode.VersionMismatch => ErrorCodes.VersionMismatch,
        RefusalCode.SessionLost => ErrorCodes.SessionLost,
        RefusalCode.SessionRequired => ErrorCodes.SessionRequired,
        RefusalCode.SessionWaitTimeout => ErrorCodes.SessionWaitTimeout,
        RefusalCode.LoadTimeout => ErrorCodes.LoadTimeout,
        RefusalCode.Busy => ErrorCodes.EntityBusy,
        RefusalCode.TooManyMessages => ErrorCodes.TooManyMessages,
        RefusalCode.Overloaded => ErrorCodes.Overloaded,
        RefusalCode.Unavailable => ErrorCodes.Unavailable,
        RefusalCode.ShuttingDown => ErrorCodes.ShuttingDown,
        RefusalCode.NotOwner => ErrorCodes.NotOwner,
        RefusalCode.OutcomeUnknown => ErrorCodes.OutcomeUnknown,
        RefusalCode.RequestReused => ErrorCodes.RequestReused,
        RefusalCode.RequestForgotten => ErrorCodes.RequestForgotten,
        RefusalCode.IntentRefused => refusal.Detail ?? ErrorCodes.IntentRefused,
        RefusalCode.HookFailed => ErrorCodes.HookFailed,
        RefusalCode.Document => refusal.DocumentError.Code(),
        _ => ErrorCodes.Internal,
    };

    private static string MessageOf(Refusal refusal) => refusal.Code switch
    {
        RefusalCode.InvalidRequest => "A part of the request is missing or out of range.",
        RefusalCode.UnknownKind => "No kind of this name is registered.",
        RefusalCode.UnknownIntent => "The kind has no intent of this name.",
        RefusalCode.NotFound => "The entity does not exist.",
        RefusalCode.VersionNotFound => "The version does not exist, or is no longer kept.",
        RefusalCode.Quarantined => "The stored entity can't be read; it is kept for repair.",
        RefusalCode.VersionMismatch => "The entity is not at the expected version.",
        RefusalCode.SessionLost => "The session is not the present one.",
        RefusalCode.SessionRequired => "The entity has an active session, and the change has to come from its holder.",
        RefusalCode.SessionWaitTimeout => "The holder did not end its session in time.",
        RefusalCode.LoadTimeout => "The entity could not be loaded in time.",
        RefusalCode.Busy => "A change over several servers holds the entity.",
        RefusalCode.TooManyMessages => "The entity has as many unprocessed messages as it may have.",
        RefusalCode.Overloaded => "Too much is waiting; nothing was done.",
        RefusalCode.Unavailable => "Changes can't be stored at present.",
        RefusalCode.ShuttingDown => "The server is shutting down.",
        RefusalCode.NotOwner => "Another server owns the entity.",
        RefusalCode.OutcomeUnknown => "Nobody knows whether the change took effect.",
        RefusalCode.RequestReused => "This request number was used for another request.",
        RefusalCode.RequestForgotten => "This request was answered, and its outcome forgotten as the client had received it.",
        RefusalCode.IntentRefused => "The intent was refused.",
        RefusalCode.HookFailed => "A hook or a migration of the kind failed; the entity stays as it is stored.",
        RefusalCode.Document => "The delta or document breaks a rule.",
        _ => "The server has a fault.",
    };
}
