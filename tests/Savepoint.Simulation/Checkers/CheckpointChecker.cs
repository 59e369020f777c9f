using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Simulation;

/// <summary>I7: what is stored is what the journal says, never goes back, and is all that a checkpoint claims to hold.</summary>
/// <param name="storeOf">Sees what the database of a shard holds; answers at once.</param>
internal sealed class CheckpointChecker(Func<int, IStore> storeOf) : Checker
{
    private readonly Dictionary<EntityKey, long> _stored = [];
    private readonly Dictionary<int, long> _epochs = [];

    // By shard, what has records that no stored row holds: going through all entities at each checkpoint took a twentieth of a seed's time.
    private readonly Dictionary<int, HashSet<LedgerEntity>> _unstored = [];

    public override void OnAppended(string process, IReadOnlyList<JournalSegment> segments)
    {
        foreach (var segment in segments)
            _epochs[segment.Shard] = segment.Epoch;
    }

    public override void OnCommitted(Commit commit)
    {
        foreach (var record in commit.Records)
        {
            if (record.Entity is { } entity)
                Unstored(entity.Shard).Add(entity);
        }
    }

    public override void OnCheckpointed(string process, CheckpointBatch batch)
    {
        foreach (var written in batch.Entities)
            CheckStored(written.Shard, written.Key);
        foreach (var snapshot in batch.Snapshots)
        {
            var entity = Ledger.Find(snapshot.Key);
            Require(
                entity?.Version >= snapshot.Version && Same(snapshot.Document, entity.Versions[(int)snapshot.Version - 1].Document), "I3",
                $"the snapshot of {snapshot.Key} at {snapshot.Version} is not what was committed");
        }

        foreach (var state in batch.Shards)
        {
            if (state.Epoch >= _epochs.GetValueOrDefault(state.Shard))
                CheckComplete(Now(storeOf(state.Shard).ReadShardAsync(state.Shard, CancellationToken.None)));
        }
    }

    private void CheckStored(int shard, EntityKey key)
    {
        var entity = Ledger.Find(key);
        var row = Now(storeOf(shard).ReadEntityAsync(shard, key, CancellationToken.None));
        if (row is null || entity is null || entity.Version < row.Version || entity.Sequence < row.Sequence)
        {
            Fail("I7", $"{key} is stored at version {row?.Version}, record {row?.Sequence}, while {entity?.Version ?? 0}, {entity?.Sequence ?? 0} is committed");
            return;
        }

        Require(row.Sequence >= _stored.GetValueOrDefault(key), "I7", $"{key} was stored at record {_stored.GetValueOrDefault(key)} and went back to {row.Sequence}");
        _stored[key] = row.Sequence;
        if (entity.Sequence <= row.Sequence)
            Unstored(shard).Remove(entity);
        if (row.Version > 0 && row.QuarantineError is null)
            Require(Same(row.Document, entity.Versions[(int)row.Version - 1].Document), "I7", $"{key} is stored at {row.Version} with another content than was committed");
    }

    private void CheckComplete(ShardState state)
    {
        foreach (var entity in Unstored(state.Shard))
        {
            var stored = _stored.GetValueOrDefault(entity.Key);
            Require(
                entity.NextSequence(stored) is not { } next || next > state.CheckpointSequence, "I7",
                $"the checkpoint of shard {state.Shard} says that it holds {state.CheckpointSequence}; {entity.Key} is stored up to {stored} only");
        }
    }

    private HashSet<LedgerEntity> Unstored(int shard)
    {
        if (!_unstored.TryGetValue(shard, out var entities))
            _unstored[shard] = entities = [];
        return entities;
    }

    private static T Now<T>(ValueTask<T> task) => task.GetAwaiter().GetResult();

    private static bool Same(ReadOnlyMemory<byte>? one, byte[]? other) => one is { } bytes ? other is not null && bytes.Span.SequenceEqual(other) : other is null;
}
