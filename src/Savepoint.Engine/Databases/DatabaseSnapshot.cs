using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Databases;

/// <summary>A moment's view of one of the engine's databases.</summary>
public sealed record DatabaseSnapshot
{
    /// <summary>The shards that it holds.</summary>
    public required ShardRange Shards { get; init; }

    /// <summary>The last failure of the store, while it lasts; null when all is well.</summary>
    public string? StoreFailure { get; init; }

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

    /// <summary>Shards whose journal is kept beyond its retention; see <see cref="EngineSnapshot.HeldBackShards"/>.</summary>
    public required int HeldBackShards { get; init; }

    /// <summary>Entities that can't be read; see <see cref="EngineSnapshot.QuarantinedEntities"/>.</summary>
    public int QuarantinedEntities { get; init; }

    /// <summary>How many of its shards are served.</summary>
    public required int ServedShards { get; init; }

    /// <summary>How many of its shards are not served although they should be.</summary>
    public required int FailedShards { get; init; }

    internal KeyValuePair<string, object?>[] Labels { get; init; } = [];
}
