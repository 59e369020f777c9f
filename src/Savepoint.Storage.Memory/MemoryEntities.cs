using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Memory;

/// <summary>The entities and snapshots of one shard, and its state. Used under the lock of its database.</summary>
internal sealed class MemoryEntities(int shard)
{
    private readonly Dictionary<EntityKey, StoredEntity> _entities = [];
    private readonly Dictionary<EntityKey, SortedList<long, StoredSnapshot>> _snapshots = [];
    private readonly Dictionary<(DateOnly Day, string Kind, string Path, string Reason), LedgerRow> _ledger = [];

    public ShardState State { get; private set; } = new(shard, 0, 0, 0, ReadOnlyMemory<byte>.Empty);

    /// <summary>Its rows of the economy ledger.</summary>
    public IReadOnlyCollection<LedgerRow> Ledger => _ledger.Values;

    public IEnumerable<StoredEntity> Quarantined => _entities.Values.Where(entity => entity.QuarantineError is not null);

    public StoredEntity? Find(EntityKey key) => _entities.GetValueOrDefault(key);

    public IReadOnlyList<ListedEntity> List(EntityRange range)
    {
        var rows = _entities.Values
            .Where(entity => entity.Key.Kind == range.Kind && IdOrder.Compare(entity.Key.Id, range.AfterId) > 0)
            .Order(Comparer<StoredEntity>.Create(static (one, other) => IdOrder.Compare(one.Key.Id, other.Key.Id)))
            .Take(range.Limit);
        List<ListedEntity> listed = [];
        long bytes = 0;
        foreach (var row in rows)
        {
            listed.Add(new ListedEntity(row.Key, row.Version, row.Sequence, row.Document is not null, row.QuarantineError)
            {
                Document = range.DocumentBytes > 0 ? row.Document : null,
            });
            bytes += row.Document?.Length ?? 0;
            if (range.DocumentBytes > 0 && bytes >= range.DocumentBytes) break;
        }

        return listed;
    }

    public void Write(StoredEntity entity)
    {
        if (_entities.TryGetValue(entity.Key, out var stored) && stored.Sequence >= entity.Sequence) return;
        _entities[entity.Key] = entity with { Document = Copy(entity.Document), Metadata = entity.Metadata.ToArray() };
    }

    /// <summary>Puts another row in the place of one, whatever its sequence number: damage, for tests of recovery.</summary>
    public void Replace(StoredEntity entity) => _entities[entity.Key] = entity;

    public void Write(StoredSnapshot snapshot)
    {
        if (!_snapshots.TryGetValue(snapshot.Key, out var versions)) _snapshots[snapshot.Key] = versions = [];
        if (!versions.TryGetValue(snapshot.Version, out var stored))
            versions.Add(snapshot.Version, snapshot with { Document = Copy(snapshot.Document) });
        else
            versions[snapshot.Version] = stored with { Sequence = Math.Max(stored.Sequence, snapshot.Sequence), At = stored.At > snapshot.At ? stored.At : snapshot.At };
    }

    public void Erase(StoredErasure erasure)
    {
        if (!_snapshots.TryGetValue(erasure.Key, out var versions)) return;
        foreach (var version in versions.Keys.Where(version => version < erasure.Version).ToList()) versions.Remove(version);
    }

    /// <returns>False when the epoch is another one.</returns>
    public bool TryWrite(ShardState state)
    {
        if (state.Epoch != State.Epoch) return false;
        if (State.CheckpointSequence <= state.CheckpointSequence && State.PublishedSequence <= state.PublishedSequence)
        {
            State = state with { Metadata = state.Metadata.ToArray(), Ledger = [] };
            foreach (var row in state.Ledger) _ledger[(row.Day, row.Kind, row.Path, row.Reason)] = row;
        }

        return true;
    }

    public bool TryClaim(long expectedEpoch, long newEpoch)
    {
        if (State.Epoch != expectedEpoch) return false;
        State = State with { Epoch = newEpoch };
        return true;
    }

    public int TrimLedger(DateOnly before)
    {
        var old = _ledger.Keys.Where(key => key.Day < before).ToList();
        foreach (var key in old) _ledger.Remove(key);
        return old.Count;
    }

    public StoredSnapshot? SnapshotAtOrBelow(EntityKey key, long version) => Versions(key).LastOrDefault(snapshot => snapshot.Version <= version);

    public StoredSnapshot? SnapshotAtOrAbove(EntityKey key, long version) => Versions(key).FirstOrDefault(snapshot => snapshot.Version >= version);

    public int TrimSnapshots(DateTimeOffset olderThan)
    {
        var removed = 0;
        foreach (var versions in _snapshots.Values)
        {
            for (var i = versions.Count - 1; i >= 0; i--)
            {
                if (versions.GetValueAtIndex(i).At >= olderThan) continue;
                versions.RemoveAt(i);
                removed++;
            }
        }

        return removed;
    }

    public void Quarantine(EntityKey key, string error, DateTimeOffset at)
    {
        var stored = Find(key) ?? new StoredEntity(shard, key, Version: 0, Sequence: 0, Document: null, ReadOnlyMemory<byte>.Empty, at);
        _entities[key] = stored with { QuarantineError = error };
    }

    // Not `bytes?.ToArray()`: a null array turns into empty bytes.
    private static ReadOnlyMemory<byte>? Copy(ReadOnlyMemory<byte>? bytes) => bytes is { } present ? present.ToArray() : default(ReadOnlyMemory<byte>?);

    private IEnumerable<StoredSnapshot> Versions(EntityKey key) => _snapshots.TryGetValue(key, out var versions) ? versions.Values : [];
}
