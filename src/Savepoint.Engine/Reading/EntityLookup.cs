using Savepoint.Engine.Routing;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Reading;

/// <summary>A wish to see an entity, or something of its past, without a session.</summary>
public abstract class EntityLookup
{
    private protected EntityLookup()
    {
    }

    /// <summary>The entity.</summary>
    public required EntityKey Key { get; init; }

    /// <summary>The shard that it looks at, where its key does not say that.</summary>
    internal virtual int? LookedAt => null;

    /// <summary>Why there is nothing to answer with; null when there is.</summary>
    /// <param name="presentVersion">The entity's version.</param>
    /// <param name="erasedVersion">The version with which it was erased last; 0 when it never was.</param>
    internal abstract Refusal? Check(long presentVersion, long erasedVersion);

    /// <summary>Whether the answer needs the present document.</summary>
    internal abstract bool NeedsDocument(long presentVersion);

    /// <summary>Whether it is to be the document of exactly its version, without what no version holds yet.</summary>
    internal abstract bool IsExact { get; }

    /// <summary>Answers, at once or when the past has been read. What was seen is durable.</summary>
    internal abstract void AnswerWith(Shard shard, in SeenEntity seen);

    /// <summary>Who takes it back when its shard turns out to be another's; null without a cluster.</summary>
    internal IRequestRouter? Router { get; set; }

    /// <summary>What the router knows of its way so far; null while it was nowhere but here.</summary>
    internal object? Route { get; set; }

    /// <summary>Refuses it, or gives it back to its router.</summary>
    internal void Refuse(Refusal refusal)
    {
        if (!refusal.ConcernsOwnership || Router?.TryTake(this, refusal) != true)
            AnswerWith(refusal);
    }

    internal abstract void AnswerWith(Refusal refusal);
}

/// <summary>An entity as it was found in memory.</summary>
internal readonly record struct SeenEntity(long Version, long Sequence, long AtTicks, bool Exists)
{
    /// <summary>The version with which it was erased last, and what it was before is not to be seen; 0 when it never was.</summary>
    public long ErasedVersion { get; init; }

    /// <summary>The sequence number of that version's record.</summary>
    public long ErasedSequence { get; init; }

    /// <summary>Set where the document is needed.</summary>
    public EntitySnapshot Snapshot { get; init; }
}
