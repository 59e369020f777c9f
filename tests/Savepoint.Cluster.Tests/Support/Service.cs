using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests;

/// <summary>Asks for every shard all the time, at every node, and knows how long none has answered.</summary>
internal sealed class Service
{
    private readonly TimeSpan[] _answered = new TimeSpan[TestCluster.Shards];
    private readonly TimeSpan[] _longest = new TimeSpan[TestCluster.Shards];
    private readonly TestCluster _cluster;

    public Service(TestCluster cluster)
    {
        _cluster = cluster;
        Array.Fill(_answered, cluster.Now);
        Ask();
    }

    /// <summary>The longest time for which no node answered for some shard.</summary>
    public TimeSpan LongestPause => _longest.Max();

    private void Ask()
    {
        foreach (var node in _cluster.Living)
        {
            for (var shard = 0; shard < TestCluster.Shards; shard++)
            {
                var (asked, of) = (node.Read(shard), shard);
                _cluster.World.After(TimeSpan.FromMilliseconds(10), () => Note(of, asked));
            }
        }

        _cluster.World.After(TimeSpan.FromMilliseconds(5), Ask);
    }

    private void Note(int shard, TestNode.Probe asked)
    {
        var pause = _cluster.Now - _answered[shard];
        _longest[shard] = pause > _longest[shard] ? pause : _longest[shard];
        if (asked.Code == RefusalCode.None)
            _answered[shard] = _cluster.Now;
    }
}
