using System.Diagnostics;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Reading;

/// <summary>
/// A wish to list the entities of a kind in one shard, in the order of their ids (<see cref="Storage.IdOrder"/>), page by page. A page shows each entity as it
/// was committed at some moment while the page was made, without what Deferred properties hold that no version does yet: one that exists from before to after
/// it is listed. <see cref="EntityLookup.Key"/> names the kind, and the id behind which the page begins; an empty id begins.
/// </summary>
public abstract class EntityScan : EntityLookup
{
    /// <summary>The default of <see cref="Limit"/>.</summary>
    public const int DefaultLimit = 100;

    /// <summary>The greatest <see cref="Limit"/>.</summary>
    public const int MaxLimit = 1_000;

    internal const long MaxDocumentBytes = 1 << 20;

    /// <summary>The shard.</summary>
    public required int Shard { get; init; }

    /// <summary>The most entities to list, 1 to <see cref="MaxLimit"/>. The default is 100.</summary>
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>Whether to list documents; then a page ends behind the one with which they have 1 MiB.</summary>
    public bool WithDocuments { get; init; }

    /// <summary>Whether to list what was removed and has left a tombstone.</summary>
    public bool WithRemoved { get; init; }

    internal sealed override int? LookedAt => Shard;

    internal sealed override bool IsExact => true;

    /// <summary>Called once, when what was seen is durable. It must be short, must not block and must not throw.</summary>
    /// <param name="page">The entities; null when refused.</param>
    /// <param name="refusal">Why there is no page; null when there is one.</param>
    protected internal abstract void Completed(ScanPage? page, Refusal? refusal);

    internal sealed override Refusal? Check(long presentVersion, long erasedVersion)
    {
        if (Limit is < 1 or > MaxLimit)
            return UnitRules.Invalid($"a page of entities has 1 to {MaxLimit}");
        return Key.Id is { Length: <= EntityKey.MaxIdLength } ? null : UnitRules.Invalid($"an id has at most {EntityKey.MaxIdLength} characters");
    }

    internal sealed override bool NeedsDocument(long presentVersion) => WithDocuments;

    internal sealed override void AnswerWith(Shard shard, in SeenEntity seen) => throw new UnreachableException("A scan looks at no single entity.");

    internal sealed override void AnswerWith(Refusal refusal) => Completed(null, refusal);
}

/// <summary>A run of entities, in the order of their ids.</summary>
/// <param name="Entities">The entities. There may be none although there is a next page: one page looks at a bounded number of rows.</param>
/// <param name="Next">The id behind which the next page begins; null when this is the last.</param>
public sealed record ScanPage(IReadOnlyList<ScannedEntity> Entities, string? Next);

/// <summary>An entity as a scan found it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Version">The number of its committed mutations.</param>
/// <param name="Exists">False when it was removed. Of one that can't be read nobody knows.</param>
public sealed record ScannedEntity(EntityKey Key, long Version, bool Exists)
{
    /// <summary>The canonical bytes of its document; null where there is none, or documents were not asked for.</summary>
    public ReadOnlyMemory<byte>? Document { get; init; }

    /// <summary>Why it can't be read; null when it can.</summary>
    public string? QuarantineError { get; init; }
}
