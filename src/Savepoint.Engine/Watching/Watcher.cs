using Savepoint.Engine.Routing;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Watching;

/// <summary>
/// Receives the changes of one entity, in version order, none skipped; used for one watch only. Calls come on the engine's own flow; they must be short, must not block
/// and must not throw.
/// </summary>
public abstract class Watcher
{
    /// <summary>The entity.</summary>
    public required EntityKey Key { get; init; }

    /// <summary>The version that the watcher has already; 0 for none. The changes after it are sent if they are still at hand, else a snapshot.</summary>
    public long FromVersion { get; init; }

    /// <summary>Whether it was told a state that changes follow on.</summary>
    internal bool IsStarted { get; set; }

    /// <summary>Whether its owner wants no more of it: what is still on its way must not bring it back.</summary>
    internal bool IsGone { get; set; }

    /// <summary>Who takes it back when its shard turns out to be another's; null without a cluster.</summary>
    internal IRequestRouter? Router { get; set; }

    /// <summary>What the router knows of its way so far; null while it was nowhere but here.</summary>
    internal object? Route { get; set; }

    /// <summary>Refuses what has not begun, or gives it back to its router.</summary>
    internal void Refuse(Refusal refusal)
    {
        if (!refusal.ConcernsOwnership || Router?.TryTake(this, refusal) != true)
            AnswerWith(refusal);
    }

    internal virtual void AnswerWith(Refusal refusal) => OnStarted(default, refusal);

    /// <summary>Tells a watcher that was started that it is lost.</summary>
    internal void Lose()
    {
        if (!IsStarted)
            return;
        IsStarted = false;
        OnLost();
    }

    /// <summary>Called once, before any change: the state that the changes build on, or why there is none.</summary>
    protected internal abstract void OnStarted(in EntitySnapshot snapshot, Refusal? refusal);

    /// <summary>A committed change. What it refers to is valid during the call only.</summary>
    protected internal abstract void OnChange(in EntityChange change);

    /// <summary>The entity had to be dropped from memory, and the watcher with it: watch again.</summary>
    protected internal abstract void OnLost();
}

/// <summary>An entity's state at a version.</summary>
public readonly struct EntitySnapshot
{
    /// <summary>The entity.</summary>
    public EntityKey Key { get; init; }

    /// <summary>The version; 0 when it never existed.</summary>
    public long Version { get; init; }

    /// <summary>The canonical bytes; null when it does not exist, was removed, <see cref="IsResumed"/> or <see cref="IsKnown"/>.</summary>
    public byte[]? Document { get; init; }

    /// <summary>Who holds the entity's session, where the newest state was read and somebody does; else null.</summary>
    public HeldSession? Session { get; init; }

    /// <summary>Whether the watcher is at this version already, and the changes after it follow.</summary>
    public bool IsResumed { get; init; }

    /// <summary>Whether the reader knows this version, as it said, and the document was left out.</summary>
    public bool IsKnown { get; init; }

    /// <summary>What the engine keeps beside the document; null where it was not asked for, or there is nothing.</summary>
    public EntitySupplement? Supplement { get; init; }
}

/// <summary>What the engine keeps beside a document.</summary>
/// <param name="Session">The number of the session, or of the last one; 0 when there never was one.</param>
/// <param name="IsActive">Whether it goes on.</param>
/// <param name="Holder">Who holds it, or held it.</param>
/// <param name="Since">When it began.</param>
/// <param name="Messages">Unprocessed messages, oldest first.</param>
public sealed record EntitySupplement(long Session, bool IsActive, string Holder, DateTimeOffset Since, IReadOnlyList<EntityMessage> Messages);

/// <summary>One committed change of an entity.</summary>
public readonly ref struct EntityChange
{
    /// <summary>The entity.</summary>
    public required EntityKey Key { get; init; }

    /// <summary>The version that it made; 0 for an unversioned change of Deferred or Transient properties.</summary>
    public required long Version { get; init; }

    /// <summary>The encoded delta; empty when the entity was removed.</summary>
    public required ReadOnlySpan<byte> Delta { get; init; }

    /// <summary>The writer that made it, and the number of its request; empty and 0 without one.</summary>
    public Guid Writer { get; init; }

    /// <summary>The number of the writer's request.</summary>
    public long Request { get; init; }

    /// <summary>Which mutation of that request it is.</summary>
    public int Mutation { get; init; }

    /// <summary>
    /// Whether <see cref="Delta"/> is what the mutation asked for, so that its writer has it already. It is not where the entity was made, an intent or a rollback
    /// wrote it, or Deferred values went along.
    /// </summary>
    public bool IsAsAsked { get; init; }

    /// <summary>Whether the entity was removed.</summary>
    public bool Removed { get; init; }

    /// <summary>CRC-32C of the canonical document at this version; null for most changes.</summary>
    public uint? Checksum { get; init; }

    /// <summary>Why the change was made.</summary>
    public string? Reason { get; init; }
}
