using Savepoint.Documents;

namespace Savepoint.Engine.Units;

/// <summary>A request to change one entity, as part of a <see cref="Unit"/>.</summary>
public struct Mutation
{
    /// <summary>As <see cref="ExpectedVersion"/>: the entity has to exist, at whatever version.</summary>
    public const long AnyVersion = -1;

    /// <summary>The entity.</summary>
    public EntityKey Key;

    /// <summary>What it asks for.</summary>
    public MutationKind Kind;

    /// <summary>
    /// The encoded delta, the encoded arguments of the intent, or the encoded body of the message. It must stay unchanged until the unit has completed.
    /// </summary>
    public ReadOnlyMemory<byte> Payload;

    /// <summary>The name of the intent; null otherwise.</summary>
    public string? Intent;

    /// <summary>Refuse unless the entity is at this version now; 0 expects that it does not exist, <see cref="AnyVersion"/> that it exists; null accepts any.</summary>
    public long? ExpectedVersion;

    /// <summary>The number of the session under which the change is made; 0 without one.</summary>
    public long Session;

    /// <summary>Numbers of messages that this mutation has dealt with; they go in the same commit.</summary>
    public long[]? ProcessedMessages;

    /// <summary>The encoded document that a new entity starts from, where its kind has no template; empty for none.</summary>
    public ReadOnlyMemory<byte> Template;

    /// <summary>For <see cref="MutationKind.Restore"/>: the version to bring back.</summary>
    public long RestoredVersion;

    /// <summary>
    /// The change is the repair of an entity that can't be read, or that hooks and migrations of its kind can't deal with, and is refused for any other. For
    /// <see cref="MutationKind.Restore"/> and <see cref="MutationKind.Remove"/>, outside any session. A Restore brings back <see cref="RestoredVersion"/>, or,
    /// where that is 0, puts the encoded document in <see cref="Payload"/> in the entity's place. Who may ask for it is for the edge to say.
    /// </summary>
    public bool Repairs;

    /// <summary>As <see cref="RestoredVersion"/> of a repair: the newest version that there is; refused where it can't be read.</summary>
    public const long NewestVersion = long.MaxValue;

    /// <summary>What <see cref="RestoredVersion"/> held, once it has been read.</summary>
    internal OldVersion? Old;

    /// <summary>Set by the engine before the unit completes: the version that the mutation made; for a message, the number it was given.</summary>
    public long ResultVersion;

    /// <summary>Whether <see cref="ResultDocument"/> is wanted. The default value is false.</summary>
    public bool WantsDocument;

    /// <summary>
    /// Set by the engine before the unit completes, where it is wanted: the document as it was at <see cref="ResultVersion"/>, a copy for whoever asked. Null where there is none then,
    /// where the outcome is that of an earlier submission of the same request, and where another node has carried the mutation out: whoever needs it reads it then.
    /// </summary>
    public Document? ResultDocument;
}

/// <summary>What a <see cref="Mutation"/> asks for.</summary>
public enum MutationKind : byte
{
    /// <summary>Apply a delta.</summary>
    Delta,

    /// <summary>Run an intent, whose handler decides the delta.</summary>
    Intent,

    /// <summary>Remove the entity; a tombstone stays and goes on counting versions.</summary>
    Remove,

    /// <summary>Leave a message for the holder of the entity's session.</summary>
    Message,

    /// <summary>End the session named by <see cref="Mutation.Session"/>.</summary>
    EndSession,

    /// <summary>
    /// Bring back what <see cref="Mutation.RestoredVersion"/> held, as a new version. Of a version that was a removal it removes the entity, of a removed
    /// entity it makes it anew.
    /// </summary>
    Restore,

    /// <summary>
    /// Remove the entity, if it still exists, and with it all that it ever was: from then on no version before the tombstone can be listed, read or brought
    /// back, and whole copies, messages and dead letters go from the store with the next checkpoint. An active session ends.
    /// </summary>
    Erase,
}
