namespace Savepoint.Engine.Units;

/// <summary>Why a request was not carried out. The numbers are journaled with outcomes and never change their meaning.</summary>
public enum RefusalCode : ushort
{
    /// <summary>Not a refusal.</summary>
    None = 0,

    /// <summary>A part of the request is missing or out of range.</summary>
    InvalidRequest = 1,

    /// <summary>No kind of this name is registered.</summary>
    UnknownKind = 2,

    /// <summary>The kind has no intent of this name.</summary>
    UnknownIntent = 3,

    /// <summary>The entity does not exist.</summary>
    NotFound = 4,

    /// <summary>The version does not exist yet, or is no longer kept.</summary>
    VersionNotFound = 5,

    /// <summary>The stored entity can't be read.</summary>
    Quarantined = 6,

    /// <summary>The entity is not at the expected version.</summary>
    VersionMismatch = 7,

    /// <summary>The session is not, or no longer, the present one.</summary>
    SessionLost = 8,

    /// <summary>The entity has an active session, and this change needs to come from its holder.</summary>
    SessionRequired = 9,

    /// <summary>The holder did not end its session in the time that the caller would wait.</summary>
    SessionWaitTimeout = 10,

    /// <summary>The entity could not be loaded in time.</summary>
    LoadTimeout = 11,

    /// <summary>The entity has as many unprocessed messages as it may have.</summary>
    TooManyMessages = 12,

    /// <summary>A queue or table is full.</summary>
    Overloaded = 13,

    /// <summary>The store takes no changes at present, or the shard is not served.</summary>
    Unavailable = 14,

    /// <summary>The engine is stopping.</summary>
    ShuttingDown = 15,

    /// <summary>Nobody knows whether the change took effect.</summary>
    OutcomeUnknown = 16,

    /// <summary>The same request number was used for another request.</summary>
    RequestReused = 17,

    /// <summary>The writer has said that it received this request's outcome, which was then forgotten.</summary>
    RequestForgotten = 18,

    /// <summary>An intent's handler refused; <see cref="Refusal.Detail"/> holds its own code.</summary>
    IntentRefused = 19,

    /// <summary>A fault of the engine or of an intent's handler.</summary>
    Internal = 20,

    /// <summary>The delta or document broke a rule of documents; <see cref="Refusal.DocumentError"/> says which.</summary>
    Document = 21,

    /// <summary>This node does not own the entity's shard, or not any more: ask its owner.</summary>
    NotOwner = 22,

    /// <summary>A unit over several nodes or databases holds the entity until it is decided, and took longer than the request may wait.</summary>
    Busy = 23,

    /// <summary>A hook or a migration of the kind failed; the entity stays as it is stored.</summary>
    HookFailed = 24,
}
