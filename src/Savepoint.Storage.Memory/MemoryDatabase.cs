using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Memory;

/// <summary>
/// What the disk would hold: it outlives the <see cref="MemoryStore"/>s that work on it. A new store over it is a restart;
/// several stores at the same time are several nodes on one database. Safe for concurrent use.
/// </summary>
/// <param name="keepJournal">
/// Whether segments stay until they are trimmed. Without, each append drops the shard's earlier segments at once, which bounds the memory
/// of a benchmark; recovery and history then find nothing. The default value is true.
/// </param>
public sealed class MemoryDatabase(bool keepJournal = true)
{
    private readonly Lock _lock = new();
    private readonly List<DeadLetter> _deadLetters = [];
    private StoreIdentity? _identity;
    private MemoryJournal[] _journals = [];
    private MemoryEntities[] _entities = [];
    private long _lastDeadLetterId;

    /// <summary>
    /// Sees every append, in the order of the commits: called under the lock of the database, after the segments went in and before any caller is told.
    /// The payloads are copies that stay as they are. It must not use the database, and what it throws the append throws. Set before the first append;
    /// the default value is null.
    /// </summary>
    public Action<IReadOnlyList<JournalSegment>>? Appended { get; set; }

    /// <summary>What it was made as; null before the first opening.</summary>
    internal StoreIdentity? Identity
    {
        get { lock (_lock) return _identity; }
    }

    internal StoreIdentity? Open(StoreOpenOptions options)
    {
        lock (_lock)
        {
            if (_identity is null && options.NewDatabaseId is null) return null;
            if (_identity is null)
            {
                _identity = StoreIdentity.New(options);
                _journals = [.. Enumerable.Range(0, options.ShardCount).Select(_ => new MemoryJournal(keepJournal))];
                _entities = [.. Enumerable.Range(0, options.ShardCount).Select(shard => new MemoryEntities(shard))];
            }

            _identity.ThrowUnlessFor(options);
            return _identity;
        }
    }

    internal void Append(IReadOnlyList<JournalSegment> segments)
    {
        lock (_lock)
        {
            AppendedSegments.ThrowIfMalformed(segments, _journals.Length);
            for (var i = 0; i < segments.Count; i++)
            {
                if (_journals[segments[i].Shard].LastSequence != segments[i].FirstSequence - 1)
                    throw new JournalConflictException(segments[i].Shard, segments[i].FirstSequence);
            }

            for (var i = 0; i < segments.Count; i++) _journals[segments[i].Shard].Append(segments[i]);
            Appended?.Invoke([.. segments.Select(segment => _journals[segment.Shard].Tail!.Value)]);
        }
    }

    internal T Journal<T>(int shard, Func<MemoryJournal, T> use)
    {
        lock (_lock) return use(_journals[shard]);
    }

    internal JournalStatistics Statistics()
    {
        lock (_lock)
            return new JournalStatistics(_journals.Sum(journal => (long)journal.Count), _journals.Sum(journal => journal.PayloadBytes), _journals.Min(journal => journal.OldestAt));
    }

    internal T Entities<T>(int shard, Func<MemoryEntities, T> use)
    {
        lock (_lock) return use(_entities[shard]);
    }

    internal IReadOnlyList<int> Write(CheckpointBatch batch)
    {
        lock (_lock)
        {
            foreach (var entity in batch.Entities) _entities[entity.Shard].Write(entity);
            foreach (var snapshot in batch.Snapshots) _entities[snapshot.Shard].Write(snapshot);
            foreach (var erasure in batch.Erasures)
            {
                _entities[erasure.Shard].Erase(erasure);
                _deadLetters.RemoveAll(letter => letter.Shard == erasure.Shard && letter.Key == erasure.Key);
            }

            return [.. batch.Shards.Where(state => !_entities[state.Shard].TryWrite(state)).Select(state => state.Shard)];
        }
    }

    internal int TrimSnapshots(DateTimeOffset olderThan)
    {
        lock (_lock) return _entities.Sum(shard => shard.TrimSnapshots(olderThan));
    }

    internal IReadOnlyList<LedgerRow> Ledger(LedgerQuery query)
    {
        lock (_lock)
            return MemoryLedger.Query(_entities.SelectMany(shard => shard.Ledger), query);
    }

    internal int TrimLedger(DateOnly before)
    {
        lock (_lock) return _entities.Sum(shard => shard.TrimLedger(before));
    }

    internal void Quarantine(int shard, EntityKey key, string error, DateTimeOffset at)
    {
        lock (_lock) _entities[shard].Quarantine(key, error, at);
    }

    internal IReadOnlyList<StoredEntity> Quarantined(StoredEntity? after, int limit)
    {
        lock (_lock)
        {
            return [.. _entities.SelectMany(shard => shard.Quarantined).Where(entity => after is null || Compare(entity, after) > 0).Order(Comparer<StoredEntity>.Create(Compare)).Take(limit)];
        }
    }

    internal void Add(DeadLetter letter)
    {
        lock (_lock) _deadLetters.Add(letter with { Id = ++_lastDeadLetterId, Payload = letter.Payload.ToArray() });
    }

    internal IReadOnlyList<DeadLetter> DeadLetters(long afterId, int limit)
    {
        lock (_lock) return [.. _deadLetters.Where(letter => letter.Id > afterId).Take(limit)];
    }

    internal bool RemoveDeadLetter(long id)
    {
        lock (_lock) return _deadLetters.RemoveAll(letter => letter.Id == id) > 0;
    }

    private static int Compare(StoredEntity left, StoredEntity right)
    {
        var order = left.Shard.CompareTo(right.Shard);
        if (order == 0) order = string.CompareOrdinal(left.Key.Kind, right.Key.Kind);
        return order != 0 ? order : string.CompareOrdinal(left.Key.Id, right.Key.Id);
    }
}
