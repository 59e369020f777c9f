using Savepoint.Documents;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Units;

/// <summary>Work space for carrying out one unit, used again and again under the lock of the shard that it belongs to.</summary>
internal sealed class UnitScratch
{
    public UndoLog Undo { get; } = new();

    public DeltaWriter Delta { get; } = new();

    public MutationPlan[] Plans { get; private set; } = new MutationPlan[4];

    public void Reserve(int mutations)
    {
        if (Plans.Length < mutations)
            Plans = new MutationPlan[mutations];
    }

    public void Clear(int mutations)
    {
        Undo.Clear();
        Delta.Reset();
        Plans.AsSpan(0, mutations).Clear();
    }
}

/// <summary>What became of one mutation while its unit was checked.</summary>
internal struct MutationPlan
{
    public Shard Shard;
    public Entity? Entity;

    /// <summary>The delta to journal.</summary>
    public ReadOnlyMemory<byte> Delta;

    /// <summary>Operations on Deferred properties that stay in the overlay, and on Transient ones: pushed, not journaled.</summary>
    public byte[]? Unversioned;

    /// <summary>Nothing is to journal: the overlay, or a push, has all of it.</summary>
    public bool IsDeferred;

    /// <summary>The entity as it was, where it is to be kept whole.</summary>
    public StoredSnapshot? Before;

    /// <summary>The delta to journal holds what the overlay held.</summary>
    public bool MergesOverlay;

    /// <summary>The overlay was made by this unit; it goes again if the unit is refused.</summary>
    public bool MakesOverlay;

    /// <summary>The document was made by this unit; it goes again if the unit is refused.</summary>
    public bool Created;

    /// <summary>The delta is of an intent of Savepoint itself, and may change what is its own.</summary>
    public bool IsOwn;

    /// <summary>What the repair of an entity that can't be read goes on from; null where it is none.</summary>
    public RepairBase? Repair;

    /// <summary>The entity goes, and leaves a tombstone.</summary>
    public bool Removes;

    /// <summary>The message to add.</summary>
    public Sessions.EntityMessage? Message;

    /// <summary>Keeps the entity as it is where it has to be, before a record changes its document.</summary>
    public void KeepBefore(DateTimeOffset now) => Before = Shard.Copies.Before(Entity!, now.UtcTicks);
}
