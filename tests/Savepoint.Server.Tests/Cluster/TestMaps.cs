using Savepoint.Cluster;
using Savepoint.Documents;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>A map that a test draws.</summary>
internal sealed class TestMaps(ClusterNode self) : IShardMaps
{
    public const int Shards = 64;

    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ShardMap _map = new(1, Enumerable.Repeat(new ShardOwner(null, 0), Shards));

    public ClusterNode Self { get; set; } = self;

    public ShardMap Current
    {
        get
        {
            lock (_gate)
                return _map;
        }
    }

    /// <summary>Shards that somebody had a doubt about.</summary>
    public List<int> Doubts { get; } = [];

    /// <summary>Called for each doubt.</summary>
    public Action<int> Doubted { get; set; } = _ => { };

    public void Assign(ClusterNode? owner, params string[] owners)
    {
        lock (_gate)
        {
            var shards = owners.Select(id => ShardHash.ShardOf(id, Shards)).ToHashSet();
            _map = new ShardMap(_map.Version + 1, _map.Owners.Select((before, shard) => shards.Contains(shard) ? new ShardOwner(owner, before.Term + 1) : before));
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async Task<ShardMap> WaitForNewerAsync(long version, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_map.Version > version)
                    return _map;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public void Doubt(int shard)
    {
        lock (_gate)
            Doubts.Add(shard);
        Doubted(shard);
    }

    public void Learn(int shard, ShardOwner owner)
    {
    }
}
