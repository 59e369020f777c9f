using Savepoint.Engine.Storage;

namespace Savepoint.Engine;

/// <summary>A moment's view of what the engine holds and does.</summary>
public sealed record EngineSnapshot
{
    /// <summary>Whether it serves requests.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Entities in memory.</summary>
    public required long ResidentEntities { get; init; }

    /// <summary>Active sessions.</summary>
    public required long Sessions { get; init; }

    /// <summary>Watchers, session holders included.</summary>
    public required long Watchers { get; init; }

    /// <summary>Units that wait for their commit.</summary>
    public required long QueuedUnits { get; init; }

    /// <summary>Record bytes that wait for their commit.</summary>
    public required long QueuedBytes { get; init; }

    /// <summary>Committed records that are not checkpointed yet.</summary>
    public required long UncheckpointedRecords { get; init; }

    /// <summary>The age of the oldest change that is not checkpointed yet.</summary>
    public required TimeSpan CheckpointLag { get; init; }

    /// <summary>Committed records that are not published yet; 0 without a publisher.</summary>
    public required long UnpublishedRecords { get; init; }

    /// <summary>The last failure of the store, while it lasts; null when all is well.</summary>
    public string? StoreFailure { get; init; }

    /// <summary>The first thing that went wrong and never should: a bug, of the engine or of somebody that it calls. Null when all is well.</summary>
    public string? Fault { get; init; }

    /// <summary>Shards whose journal is kept beyond its retention, since it alone holds changes of entities that can't be read; looked for once a minute.</summary>
    public int HeldBackShards { get; init; }

    /// <summary>Shards that are not served although they should be, and why: damaged ones, and those that another process has taken.</summary>
    public required IReadOnlyDictionary<int, string> FailedShards { get; init; }

    /// <summary>Parts of units over several nodes or databases that hold their entities until the unit is decided.</summary>
    public int PreparedUnits { get; init; }

    /// <summary>Such units that were decided, and that other shards have still to carry out.</summary>
    public int DecidedUnits { get; init; }

    /// <summary>Such units that are not decided yet.</summary>
    public int UnitsUnderWay { get; init; }

    /// <summary>Shards that are served, in order.</summary>
    public IReadOnlyList<int> ServedShards { get; init; } = [];
}
