using Savepoint.Engine;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Storage;

namespace Savepoint.Modules.DataRights;

/// <summary>Lists what is stored and can't be read, in all databases of the deployment, whichever node is asked.</summary>
/// <param name="databases">The databases.</param>
public sealed class QuarantineList(ShardDatabases databases)
{
    /// <summary>Lists a page, by shard, kind and id.</summary>
    /// <param name="after">The last entity of the page before; null begins.</param>
    /// <param name="limit">The most entities.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The entities; fewer than <paramref name="limit"/> when there are no more.</returns>
    /// <exception cref="StoreException">A database can't be read.</exception>
    public async Task<IReadOnlyList<StoredEntity>> ReadAsync((int Shard, EntityKey Key)? after, int limit, CancellationToken cancellationToken)
    {
        var last = after is { } place ? new StoredEntity(place.Shard, place.Key, 0, 0, null, default, default) : null;
        var found = new List<StoredEntity>();
        foreach (var database in databases)
        {
            if (found.Count == limit)
                break;
            if (last is null || database.Shards.Last >= last.Shard)
                found.AddRange(await database.Store.ListQuarantinedAsync(last, limit - found.Count, cancellationToken));
        }

        return found;
    }
}
