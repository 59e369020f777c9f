using System.Collections;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Databases;

/// <summary>A database, and the shards that it holds.</summary>
/// <param name="Shards">The shards.</param>
/// <param name="Store">The database.</param>
public sealed record ShardDatabase(ShardRange Shards, IStore Store);

/// <summary>The databases of an engine, in order of their shards: each shard lies in one of them. They are fixed when the databases are made.</summary>
public sealed class ShardDatabases : IReadOnlyList<ShardDatabase>
{
    private readonly ShardDatabase[] _databases;

    /// <summary>Puts databases together.</summary>
    /// <param name="databases">The databases, in any order.</param>
    /// <param name="shardCount">The number of shards.</param>
    /// <exception cref="ArgumentException">They do not hold each shard once.</exception>
    public ShardDatabases(IEnumerable<ShardDatabase> databases, int shardCount)
    {
        _databases = [.. databases.OrderBy(database => database.Shards.First)];
        if (FindFault(_databases.Select(database => database.Shards), shardCount) is { } fault)
            throw new ArgumentException(fault, nameof(databases));
    }

    /// <inheritdoc/>
    public int Count => _databases.Length;

    /// <summary>All ranges, as each database keeps them: <c>0-31,32-63</c>.</summary>
    public string Layout => string.Join(',', _databases.Select(database => database.Shards));

    /// <inheritdoc/>
    public ShardDatabase this[int index] => _databases[index];

    /// <summary>One database for all shards.</summary>
    public static ShardDatabases One(IStore store, int shardCount) => new([new ShardDatabase(ShardRange.All(shardCount), store)], shardCount);

    /// <summary>What keeps ranges from covering each shard once, in words; null when they do.</summary>
    public static string? FindFault(IEnumerable<ShardRange> ranges, int shardCount)
    {
        var next = 0;
        foreach (var range in ranges.OrderBy(range => range.First))
        {
            if (range.First > next)
                return $"no database holds the shards {new ShardRange(next, range.First - 1)}.";
            if (range.First < next)
                return $"two databases hold the shards {new ShardRange(range.First, Math.Min(range.Last, next - 1))}.";
            if (range.Last >= shardCount)
                return $"there are no shards {new ShardRange(Math.Max(shardCount, range.First), range.Last)}: the last one is {shardCount - 1}.";
            next = range.Last + 1;
        }

        return next == shardCount ? null : $"no database holds the shards {new ShardRange(next, shardCount - 1)}.";
    }

    /// <inheritdoc/>
    public IEnumerator<ShardDatabase> GetEnumerator() => ((IEnumerable<ShardDatabase>)_databases).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
