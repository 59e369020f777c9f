using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Postgres.Entities;

/// <summary>The rows of a checkpoint in the order of their keys: so two checkpoints never lock the same rows in different orders.</summary>
/// <param name="Entities">The entities, each once.</param>
/// <param name="Json">The JSON copy of each; null for those without.</param>
/// <param name="Snapshots">The snapshots, each version once.</param>
internal sealed record CheckpointRows(IReadOnlyList<StoredEntity> Entities, IReadOnlyList<ReadOnlyMemory<byte>?> Json, IReadOnlyList<StoredSnapshot> Snapshots)
{
    /// <summary>What goes with them.</summary>
    public IReadOnlyList<StoredErasure> Erasures { get; private init; } = [];

    public static CheckpointRows From(CheckpointBatch batch, JsonCopies json)
    {
        var entities = batch.Entities.ToArray();
        Array.Sort(entities, static (left, right) => Compare(left.Shard, left.Key, left.Sequence, right.Shard, right.Key, right.Sequence));
        var newest = WithoutOlder(entities);
        var snapshots = batch.Snapshots.ToArray();
        Array.Sort(snapshots, static (left, right) => Compare(left.Shard, left.Key, left.Version, right.Shard, right.Key, right.Version));
        return new CheckpointRows(newest, json.Of(newest), Merged(snapshots)) { Erasures = batch.Erasures };
    }

    /// <summary>A run of the entities, or of the snapshots.</summary>
    public CheckpointRows Part(Range entities, Range snapshots) => new(
        [.. Entities.ToArray()[entities]], [.. Json.ToArray()[entities]], [.. Snapshots.ToArray()[snapshots]]);

    // One statement can't write a row twice.
    private static List<StoredEntity> WithoutOlder(StoredEntity[] sorted)
    {
        var newest = new List<StoredEntity>(sorted.Length);
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i + 1 == sorted.Length || sorted[i].Key != sorted[i + 1].Key || sorted[i].Shard != sorted[i + 1].Shard)
                newest.Add(sorted[i]);
        }

        return newest;
    }

    private static List<StoredSnapshot> Merged(StoredSnapshot[] sorted)
    {
        var merged = new List<StoredSnapshot>(sorted.Length);
        foreach (var snapshot in sorted)
        {
            if (merged is [.., { } last] && (last.Shard, last.Key, last.Version) == (snapshot.Shard, snapshot.Key, snapshot.Version))
                merged[^1] = last with { Sequence = Math.Max(last.Sequence, snapshot.Sequence), At = last.At > snapshot.At ? last.At : snapshot.At };
            else
                merged.Add(snapshot);
        }

        return merged;
    }

    private static int Compare(int leftShard, EntityKey leftKey, long leftNumber, int rightShard, EntityKey rightKey, long rightNumber)
    {
        var order = leftShard.CompareTo(rightShard);
        if (order == 0)
            order = string.CompareOrdinal(leftKey.Kind, rightKey.Kind);
        if (order == 0)
            order = string.CompareOrdinal(leftKey.Id, rightKey.Id);
        return order != 0 ? order : leftNumber.CompareTo(rightNumber);
    }
}
