namespace Savepoint.Protocol;

/// <summary>
/// The stable codes of <see cref="Messages.Error"/>, beside those of documents (<c>document.…</c>). They never change their meaning.
/// </summary>
public static class ErrorCodes
{
    /// <summary>The frame is not a valid protobuf message, or breaks the rules of the protocol. The connection is closed.</summary>
    public const string MalformedFrame = "frame.malformed";

    /// <summary>The frame is over the limit. The connection is closed.</summary>
    public const string FrameTooLarge = "frame.too_large";

    /// <summary>A message of a type that this server does not know.</summary>
    public const string UnknownMessage = "request.unknown_message";

    /// <summary>A field of the request is missing or out of range.</summary>
    public const string InvalidRequest = "request.invalid";

    /// <summary>The credentials are wrong, or the token is malformed, expired, not yet valid or not meant for this server.</summary>
    public const string Unauthenticated = "auth.unauthenticated";

    /// <summary>The login session that a player's connection began with has ended: the player has logged out, or it was revoked. The connection is closed.</summary>
    public const string LoginEnded = "auth.session_ended";

    /// <summary>The caller may not do this.</summary>
    public const string Forbidden = "auth.forbidden";

    /// <summary>No kind of this name is registered.</summary>
    public const string UnknownKind = "kind.unknown";

    /// <summary>The kind has no intent of this name.</summary>
    public const string UnknownIntent = "intent.unknown";

    /// <summary>The intent's handler refused without a code of its own; those that give one have theirs sent instead.</summary>
    public const string IntentRefused = "intent.refused";

    /// <summary>The entity does not exist.</summary>
    public const string NotFound = "entity.not_found";

    /// <summary>The version asked for does not exist yet, or is no longer kept.</summary>
    public const string VersionNotFound = "entity.version_not_found";

    /// <summary>The stored entity can't be read. It is kept as it is, and defaults never take its place.</summary>
    public const string Quarantined = "entity.quarantined";

    /// <summary>The entity is not at the version that the request expected.</summary>
    public const string VersionMismatch = "version.mismatch";

    /// <summary>The session is not, or no longer, the present one of the entity; the holder is named.</summary>
    public const string SessionLost = "session.lost";

    /// <summary>The entity has an active session, and this change needs to come from its holder.</summary>
    public const string SessionRequired = "session.required";

    /// <summary>The wait for the session's holder took longer than the caller wanted.</summary>
    public const string SessionWaitTimeout = "session.wait_timeout";

    /// <summary>The entity could not be loaded in time.</summary>
    public const string LoadTimeout = "entity.load_timeout";

    /// <summary>A change over several servers holds the entity until it is decided.</summary>
    public const string EntityBusy = "entity.busy";

    /// <summary>The entity has as many unprocessed messages as it may have.</summary>
    public const string TooManyMessages = "message.too_many";

    /// <summary>A queue is full; nothing was done. Try again later.</summary>
    public const string Overloaded = "server.overloaded";

    /// <summary>The store does not take changes at present. Try again later.</summary>
    public const string Unavailable = "server.unavailable";

    /// <summary>The server is shutting down.</summary>
    public const string ShuttingDown = "server.shutting_down";

    /// <summary>Another server owns the entity: ask that one.</summary>
    public const string NotOwner = "server.not_owner";

    /// <summary>The connection was meant for another node than the one that it has reached.</summary>
    public const string WrongNode = "server.wrong_node";

    /// <summary>Nobody knows whether the change took effect: read before trying again.</summary>
    public const string OutcomeUnknown = "outcome.unknown";

    /// <summary>The same request number or idempotency key was used for another request.</summary>
    public const string RequestReused = "request.reused";

    /// <summary>The request was answered before, and its outcome has been forgotten as the client had received it.</summary>
    public const string RequestForgotten = "request.forgotten";

    /// <summary>The writer was away for longer than outcomes are remembered.</summary>
    public const string WriterExpired = "writer.expired";

    /// <summary>Another game server has another template of the same version; it is named, and so is the first path at which they differ.</summary>
    public const string TemplateMismatch = "template.mismatch";

    /// <summary>A hook or a migration of the kind failed. The entity stays as it is stored, and is not handed out.</summary>
    public const string HookFailed = "hook.failed";

    /// <summary>A fault of the server.</summary>
    public const string Internal = "server.internal";
}
