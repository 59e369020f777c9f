using Savepoint.Streams.ShardMaps;

namespace Savepoint.Streams.Tests;

/// <summary>A shard map of three shards and three nodes, of which this is the first; a test says who owns what.</summary>
public sealed class TestShardMaps : IShardMapSource
{
    public static readonly Guid[] Nodes = [new(1, 0, 0, new byte[8]), new(2, 0, 0, new byte[8]), new(3, 0, 0, new byte[8])];

    private static readonly ShardMapNode[] Described =
    [
        new(Nodes[0], "one", new Uri("http://10.0.0.1:7350")),
        new(Nodes[1], "two", new Uri("https://two.example")),
        new(Nodes[2], "three", null),
    ];

    private Action _changed = () => { };

    public Guid Self => Nodes[0];

    public ShardMapSnapshot Current { get; private set; } = Map(1, (Nodes[0], 5), (Nodes[2], 7), (null, 6));

    public void Subscribe(Action changed) => _changed += changed;

    public void Change(params (Guid? Node, long Term)[] owners)
    {
        Current = Map(Current.Version + 1, owners);
        _changed();
    }

    private static ShardMapSnapshot Map(long version, params (Guid? Node, long Term)[] owners) =>
        new(version, Described, [.. owners.Select(owner => new ShardMapOwner(owner.Node, owner.Term))]);
}
