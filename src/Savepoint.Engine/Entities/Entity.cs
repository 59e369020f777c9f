using Savepoint.Documents;
using Savepoint.Engine.Kinds;

namespace Savepoint.Engine.Entities;

/// <summary>
/// An entity in memory, at its newest state, committed or not. Guarded by its shard's lock. There may be millions: what few of them need is in
/// <see cref="Extras"/>.
/// </summary>
internal sealed class Entity(EntityKey key, Kind kind)
{
    public EntityKey Key { get; } = key;

    public Kind Kind { get; } = kind;

    /// <summary>Null when it does not exist or was removed.</summary>
    public Document? Document { get; set; }

    /// <summary>The number of its mutations; 0 when it never existed.</summary>
    public long Version { get; set; }

    /// <summary>The sequence number of its newest record.</summary>
    public long Sequence { get; set; }

    /// <summary>When its newest record was made, in UTC ticks.</summary>
    public long AtTicks { get; set; }

    /// <summary>Its oldest record that no checkpoint holds yet; 0 when it is clean.</summary>
    public long DirtySince { get; set; }

    /// <summary>When it was last asked for, in ticks of the engine's clock.</summary>
    public long LastUsed { get; set; }

    /// <summary>When it was last put at the end of its shard's idle queue, in ticks of the engine's clock.</summary>
    public long QueuedAt { get; set; }

    /// <summary>The version of which a whole copy was last kept.</summary>
    public long SnapshotVersion { get; set; }

    /// <summary>What only watched entities, and those with sessions, messages or overlays, need.</summary>
    public EntityExtras? Extras { get; set; }

    /// <summary>Whether it stands in its shard's list of entities to checkpoint.</summary>
    public bool IsListedForCheckpoint { get; set; }

    /// <summary>
    /// Whether its kind's migrations and loaded hooks have been at the document, as it came into memory or was rolled back: until then nobody may see or change it.
    /// </summary>
    public bool IsPrepared { get; set; }

    /// <summary>Whether it was dropped from memory: whoever still holds it must look it up again.</summary>
    public bool IsDropped { get; set; }

    public EntityExtras NeedExtras() => Extras ??= new EntityExtras();
}
