using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>
/// Who owns each shard, until when, and who should: what the nodes of a cluster keep in their database. Its clock is the true one, and all that it says takes
/// effect at once; that its answers come late is for <see cref="ClusterMember"/>.
/// </summary>
internal sealed class LeaseTable
{
    private readonly SimulatedWorld _world;
    private readonly Lock _gate = new();
    private readonly Row[] _rows;
    private readonly Dictionary<Node, DateTimeOffset> _renewed = [];

    public LeaseTable(SimulatedWorld world, SimulationPace pace, int shards)
    {
        _world = world;
        Duration = pace.Scale(TimeSpan.FromSeconds(5));
        _rows = [.. Enumerable.Range(0, shards).Select(_ => new Row())];
    }

    /// <summary>How long a lease lasts.</summary>
    public TimeSpan Duration { get; }

    public int Shards => _rows.Length;

    /// <summary>Who owns a shard, or owned it last; null when nobody has.</summary>
    public Node? OwnerOf(int shard)
    {
        lock (_gate)
            return _rows[shard].Owner;
    }

    /// <summary>Says who should own a shard.</summary>
    public void Assign(int shard, Node node)
    {
        lock (_gate)
            _rows[shard].Wanted = node;
    }

    /// <summary>Renews the leases of a node, and gives it what it should own if that is free or its lease is over.</summary>
    /// <returns>The shards that are its own, and those of them that it is to hand over.</returns>
    public (int[] Own, int[] Leaving) Renew(Node node)
    {
        lock (_gate)
        {
            var now = _world.Time.GetUtcNow();
            _renewed[node] = now;
            var (own, leaving) = (new List<int>(), new List<int>());
            for (var shard = 0; shard < _rows.Length; shard++)
            {
                var row = _rows[shard];
                if (row.Wanted is null || !Lives(row.Wanted, now))
                    row.Wanted = node;
                if (row.Owner != node && (row.Wanted != node || (row.Owner is not null && row.Until > now)))
                    continue;
                (row.Owner, row.Until) = (node, now + Duration);
                own.Add(shard);
                if (row.Wanted != node)
                    leaving.Add(shard);
            }

            return ([.. own], [.. leaving]);
        }
    }

    /// <summary>A node owns a shard no more.</summary>
    public void Free(Node node, int shard)
    {
        lock (_gate)
        {
            if (_rows[shard].Owner == node)
                _rows[shard].Until = default;
            if (_rows[shard].Owner == node && _rows[shard].Wanted is { } next && next != node)
                _rows[shard].Owner = null;
        }
    }

    private bool Lives(Node node, DateTimeOffset now) => _renewed.TryGetValue(node, out var renewed) && now - renewed < Duration;

    private sealed class Row
    {
        public Node? Owner { get; set; }

        public DateTimeOffset Until { get; set; }

        public Node? Wanted { get; set; }
    }
}
