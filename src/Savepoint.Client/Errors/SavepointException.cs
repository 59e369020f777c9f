using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>Whether a request that failed took effect.</summary>
public enum RequestOutcome : byte
{
    /// <summary>It had no effect.</summary>
    NotApplied = 0,

    /// <summary>Nobody knows: read before trying again.</summary>
    Unknown = 1,
}

/// <summary>A request failed. Says what a game needs to know to act on it.</summary>
public sealed class SavepointException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">The stable code.</param>
    /// <param name="message">What happened, for people.</param>
    /// <param name="innerException">What caused it.</param>
    public SavepointException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>The stable code: of <see cref="ErrorCodes"/>, <see cref="ClientErrorCodes"/> or <see cref="DocumentErrors"/>.</summary>
    public string Code { get; }

    /// <summary>Whether trying again later can help.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether the request took effect.</summary>
    public RequestOutcome Outcome { get; init; }

    /// <summary>The kind of the entity; null when no single entity is meant.</summary>
    public string? Kind { get; init; }

    /// <summary>The id of the entity; null when no single entity is meant.</summary>
    public string? Id { get; init; }

    /// <summary>Which change of a transaction was refused, from 0.</summary>
    public int ChangeIndex { get; init; }

    /// <summary>The version that the request expected; null when it expected none.</summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>The version that the entity is at; null when that is not what it failed for.</summary>
    public long? CurrentVersion { get; init; }

    /// <summary>Who holds the entity's session; null when that is not what it failed for.</summary>
    public string? Holder { get; init; }

    /// <summary>The path that was refused; null when none is named.</summary>
    public string? Path { get; init; }

    /// <summary>How long to wait before trying again; null when the server has no wish.</summary>
    public TimeSpan? RetryAfter { get; init; }

    internal static SavepointException From(Error error) => new(error.Code, Describe(error))
    {
        IsTransient = error.Transient,
        Outcome = error.OutcomeUnknown ? RequestOutcome.Unknown : RequestOutcome.NotApplied,
        Kind = OrNull(error.Kind),
        Id = OrNull(error.Id),
        ChangeIndex = (int)error.Mutation,
        ExpectedVersion = error.Code == ErrorCodes.VersionMismatch ? (long)error.ExpectedVersion : null,
        CurrentVersion = error.Code == ErrorCodes.VersionMismatch || error.CurrentVersion > 0 ? (long)error.CurrentVersion : null,
        Holder = OrNull(error.Holder),
        Path = OrNull(error.Path),
        RetryAfter = error.RetryAfterMs > 0 ? TimeSpan.FromMilliseconds(error.RetryAfterMs) : null,
    };

    internal static SavepointException From(DocumentException exception, string kind, string id) => new(exception.Error.Code(), exception.Message, exception)
    {
        Kind = kind,
        Id = id,
        Path = exception.Path?.ToString(),
    };

    internal static SavepointException Closed() => new(ClientErrorCodes.Closed, "The client was shut down.");

    internal static SavepointException TimedOut(string what, RequestOutcome outcome, string? kind = null, string? id = null) =>
        new(ClientErrorCodes.Timeout, $"{what} was not answered in time.") { IsTransient = true, Outcome = outcome, Kind = kind, Id = id };

    internal static SavepointException Violation(string what) => new(ClientErrorCodes.Protocol, what) { Outcome = RequestOutcome.Unknown };

    private static string? OrNull(string text) => text.Length == 0 ? null : text;

    private static string Describe(Error error)
    {
        var entity = error.Kind.Length > 0 ? $" ({error.Kind}/{error.Id})" : "";
        return error.Message.Length > 0 ? $"{error.Code}: {error.Message}{entity}" : error.Code + entity;
    }
}
