using Savepoint.Documents;

namespace Savepoint.Engine.Watching;

/// <summary>
/// The present values of an entity's Deferred properties where they differ from its document: a small document of its own, whose top-level
/// properties take the place of the entity's.
/// </summary>
internal sealed class DeferredOverlay
{
    /// <summary>Top-level properties that are overlaid.</summary>
    public Document Values { get; } = new();

    /// <summary>The first change that is not journaled yet, in ticks of the engine's clock.</summary>
    public long Since { get; init; }

    /// <summary>Whether it stands in its shard's list of overlays to journal.</summary>
    public bool IsListed { get; set; }

    /// <summary>The writers whose requests made the changes: the outcomes become durable with the overlay.</summary>
    public HashSet<Guid> Writers { get; } = [];

    /// <summary>Who made the newest change.</summary>
    public string Actor { get; set; } = "";
}
