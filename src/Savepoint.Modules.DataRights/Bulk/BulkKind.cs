using System.Globalization;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;

namespace Savepoint.Modules.DataRights.Bulk;

/// <summary>
/// The kind <c>sp-bulk</c>. A job is an entity of its own, named by its id. How far it has come in a shard is another one, which lies in that very shard: so it
/// changes in one commit with the entity that the job changes there.
/// </summary>
internal static class BulkKind
{
    public const string Name = "sp-bulk";

    public static Kind Kind { get; } = new() { Name = Name, IsOwnedBySavepoint = true, Owner = OwnerOf };

    public static EntityKey JobKey(string id) => new(Name, id);

    /// <summary>Where a job's place in a shard is kept.</summary>
    public static EntityKey CursorKey(string id, int shard, int shardCount) => new(Name, OwnerIn(shard, shardCount) + "/" + id);

    /// <summary>Whether an entity is a job, and no place of one.</summary>
    public static bool IsJob(EntityKey key) => !key.Id.Contains('/', StringComparison.Ordinal);

    private static string OwnerOf(string id)
    {
        var slash = id.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? id : id[..slash];
    }

    private static string OwnerIn(int shard, int shardCount)
    {
        for (var i = 0; ; i++)
        {
            var owner = string.Create(CultureInfo.InvariantCulture, $"{shard}-{i}");
            if (ShardHash.ShardOf(owner, shardCount) == shard)
                return owner;
        }
    }
}
