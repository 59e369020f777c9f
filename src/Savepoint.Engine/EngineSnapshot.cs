using Savepoint.Engine.Databases;

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

    /// <summary>How often a hook or a migration of a kind has failed.</summary>
    public long FailedHooks { get; init; }

    /// <summary>Each of its databases, in order of their shards.</summary>
    public required IReadOnlyList<DatabaseSnapshot> Databases { get; init; }

    /// <summary>Units that wait for their commit.</summary>
    public long QueuedUnits => Databases.Sum(database => database.QueuedUnits);

    /// <summary>Record bytes that wait for their commit.</summary>
    public long QueuedBytes => Databases.Sum(database => database.QueuedBytes);

    /// <summary>Committed records that are not checkpointed yet.</summary>
    public long UncheckpointedRecords => Databases.Sum(database => database.UncheckpointedRecords);

    /// <summary>The age of the oldest change that is not checkpointed yet.</summary>
    public TimeSpan CheckpointLag => Databases.Max(database => database.CheckpointLag);

    /// <summary>Committed records that are not published yet; 0 without a publisher.</summary>
    public long UnpublishedRecords => Databases.Sum(database => database.UnpublishedRecords);

    /// <summary>The last failure of a store, while it lasts; null when all is well.</summary>
    public string? StoreFailure => Databases.FirstOrDefault(database => database.StoreFailure is not null)?.StoreFailure;

    /// <summary>The first thing that went wrong and never should: a bug, of the engine or of somebody that it calls. Null when all is well.</summary>
    public string? Fault { get; init; }

    /// <summary>Shards whose journal is kept beyond its retention, since it alone holds changes of entities that can't be read; looked for once a minute.</summary>
    public int HeldBackShards => Databases.Sum(database => database.HeldBackShards);

    /// <summary>Entities of this node's shards that are flagged as unreadable; looked for once a minute.</summary>
    public int QuarantinedEntities => Databases.Sum(database => database.QuarantinedEntities);

    /// <summary>
    /// Shards that are not served although they should be, and why: damaged ones, those that another process has taken, and those of a database that could
    /// not be opened yet.
    /// </summary>
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
