using Savepoint.Engine;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>The databases of a run: one, or several that hold a range of the shards each and fail each by itself.</summary>
internal sealed class DatabaseSet
{
    private readonly (ShardRange Shards, SimulatedDatabase Database)[] _parts;
    private readonly MemoryStore[] _looks;
    private readonly int _shards;

    public DatabaseSet(SimulatedWorld world, int shards, int count)
    {
        _shards = shards;
        _parts = [.. Enumerable.Range(0, count).Select(i => (new ShardRange(i * shards / count, ((i + 1) * shards / count) - 1), new SimulatedDatabase(world, new MemoryDatabase())))];
        var layout = string.Join(',', _parts.Select(part => part.Shards));
        _looks = [.. _parts.Select(part => OpenedStore(part.Database.Data, new StoreOpenOptions(shards, Guid.Empty, world.Time.GetUtcNow()) { Shards = part.Shards, Layout = layout }))];
    }

    public int Count => _parts.Length;

    /// <summary>What a process is given of them.</summary>
    public ShardDatabases Connect(SimulatedProcess process) =>
        new(_parts.Select(part => new ShardDatabase(part.Shards, part.Database.Connect(process))), _shards);

    /// <summary>Sees what the database of a shard holds; answers at once.</summary>
    public IStore LookAt(int shard) => _looks[IndexOf(shard)];

    /// <summary>The one that holds the tables of the cluster.</summary>
    public SimulatedDatabase First => _parts[0].Database;

    /// <summary>Whether two entities lie in the same database, so that one commit can hold changes of both.</summary>
    public bool CommitTogether(in EntityKey one, in EntityKey other) => IndexOf(GameKinds.ShardOf(one, _shards)) == IndexOf(GameKinds.ShardOf(other, _shards));

    /// <summary>The one that something happens to.</summary>
    public SimulatedDatabase Pick(Random random) => _parts[_parts.Length == 1 ? 0 : random.Next(_parts.Length)].Database;

    /// <summary>The one that holds an entity.</summary>
    public SimulatedDatabase Of(in EntityKey key) => _parts[IndexOf(GameKinds.ShardOf(key, _shards))].Database;

    public int CountOf(StoreFault fault) => _parts.Sum(part => part.Database.CountOf(fault));

    public void Heal()
    {
        foreach (var (_, database) in _parts)
            database.Weather = StoreWeather.Fair;
    }

    public void OnWritten(Action<SimulatedProcess, StoreCall> written)
    {
        foreach (var (_, database) in _parts)
            database.Written = written;
    }

    private int IndexOf(int shard) => Array.FindIndex(_parts, part => part.Shards.Contains(shard));

    private static MemoryStore OpenedStore(MemoryDatabase data, StoreOpenOptions options)
    {
        var store = new MemoryStore(data);
        var opened = store.OpenAsync(options, CancellationToken.None);
        return opened.IsCompletedSuccessfully ? store : throw new InvalidOperationException("Memory has to open at once.");
    }
}
