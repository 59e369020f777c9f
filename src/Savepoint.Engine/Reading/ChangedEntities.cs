using Savepoint.Engine.Entities;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Reading;

/// <summary>What differs, or may differ, from what the store holds of a scan's range: a moment's view, which is taken before the store is read.</summary>
internal sealed class ChangedEntities
{
    private ChangedEntities(List<ListedEntity> rows, string? end, List<EntityKey> unseen) => (Rows, End, Unseen) = (rows, end, unseen);

    /// <summary>The first of those that are in memory, in the order of their ids.</summary>
    public List<ListedEntity> Rows { get; }

    /// <summary>The id up to which they are complete; null when they are to the end.</summary>
    public string? End { get; }

    /// <summary>Those whose state nobody can tell now: dropped from memory before they were stored, or held by a unit over several nodes or databases.</summary>
    public List<EntityKey> Unseen { get; }

    /// <summary>Takes the view. Under the shard's lock.</summary>
    public static ChangedEntities Of(Shard shard, EntityScan scan, out bool isCommitted)
    {
        var found = new SortedDictionary<string, Entity>(Comparer<string>.Create(IdOrder.Compare));
        foreach (var entity in shard.Dirty)
            Find(entity);
        foreach (var entity in shard.BeingStored)
            Find(entity);
        List<EntityKey> unseen = [.. shard.Unstored.Keys.Where(IsInRange), .. shard.Units.Held.ClosedTo(scan).Where(IsInRange)];
        unseen.Sort(static (one, other) => IdOrder.Compare(one.Id, other.Id));

        isCommitted = true;
        var rows = new List<ListedEntity>();
        long bytes = 0;
        foreach (var entity in found.Values)
        {
            if (rows.Count == scan.Limit || bytes >= EntityScan.MaxDocumentBytes)
                return new ChangedEntities(rows, rows[^1].Key.Id, unseen);
            var document = scan.WithDocuments ? entity.Document?.ToBytes() : null;
            bytes += document?.Length ?? 0;
            isCommitted &= shard.IsCommitted(entity);
            rows.Add(new ListedEntity(entity.Key, entity.Version, entity.Sequence, entity.Document is not null, null)
            {
                // Spelled out: a null array would become an empty document, and not none.
                Document = document is null ? (ReadOnlyMemory<byte>?)null : document,
            });
        }

        return new ChangedEntities(rows, null, unseen);

        bool IsInRange(EntityKey key) => key.Kind == scan.Key.Kind && IdOrder.Compare(key.Id, scan.Key.Id) > 0;

        void Find(Entity entity)
        {
            if (entity is { IsDropped: false, DirtySince: not 0, Extras: null or { QuarantineError: null } } && IsInRange(entity.Key))
                found[entity.Key.Id] = entity;
        }
    }
}
