using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>
/// Several nodes that share what they hold: any takes any request, as those of a real cluster do by passing it on. A test says who owns which of the four
/// shards, and sees which node was asked for what.
/// </summary>
public sealed class FakeCluster
{
    public const int Shards = 4;

    private readonly ulong[] _terms = new ulong[Shards];
    private readonly int[] _owners = new int[Shards];
    private readonly HashSet<int> _unreachable = [];
    private readonly Simulation _simulation;
    private ulong _version;

    public FakeCluster(Simulation simulation, int nodes = 2)
    {
        _simulation = simulation;
        Nodes = new FakeServer[nodes];
        for (var i = 0; i < nodes; i++)
            Nodes[i] = new FakeServer(simulation, i == 0 ? null : Nodes[0]) { Node = FakeServer.Bytes((byte)(200 + i)) };
        Own([.. Enumerable.Range(0, Shards).Select(shard => shard % nodes)]);
    }

    public FakeServer[] Nodes { get; }

    public FakeServer this[int node] => Nodes[node];

    /// <summary>Attempts to connect, by node and time.</summary>
    public List<(int Node, TimeSpan At)> Attempts { get; } = [];

    /// <summary>What the map says of a node's address.</summary>
    public Func<int, string> Address { get; set; } = node => $"ws://node-{node}/stream";

    /// <summary>Names node 0 as the only endpoint.</summary>
    public SavepointClientOptions Options => Nodes[0].Options with { Connect = null, Endpoint = Endpoint(0), ConnectTo = ConnectToAsync };

    public static Uri Endpoint(int node) => new($"ws://node-{node}/stream");

    /// <summary>An id that lies in a shard.</summary>
    public static string IdIn(int shard, int number = 0) =>
        Enumerable.Range(0, 10_000).Select(i => $"user-{i}").Where(id => ShardHash.ShardOf(id, Shards) == shard).ElementAt(number);

    /// <summary>Connects, and waits until there is a connection to each node that can be reached.</summary>
    public async Task<SavepointClient> ConnectAsync(Func<SavepointClientOptions, SavepointClientOptions>? change = null)
    {
        var client = await SavepointClient.ConnectAsync(change is null ? Options : change(Options));
        await _simulation.Delay(0.01);
        return client;
    }

    /// <summary>Gives the shards owners (-1 for none), and tells all nodes.</summary>
    public void Own(params int[] owners)
    {
        for (var shard = 0; shard < Shards; shard++)
        {
            if (_terms[shard] > 0 && owners[shard] == _owners[shard])
                continue;
            _owners[shard] = owners[shard];
            _terms[shard]++;
        }
        _version++;
        foreach (var node in Nodes)
            node.Tell(Map());
    }

    public ShardMap Map()
    {
        var map = new ShardMap { Version = _version, Kinds = { "profile" } };
        for (var i = 0; i < Nodes.Length; i++)
            map.Nodes.Add(new ShardMapNode { Id = Nodes[i].Node, Name = $"node-{i}", Address = Address(i) });
        map.Owners.Add(_owners.Select(owner => (uint)(owner + 1)));
        map.Terms.Add(_terms);
        return map;
    }

    /// <summary>Takes a node off the client's network, or puts it back.</summary>
    public void SetReachable(int node, bool reachable)
    {
        if (reachable)
            _unreachable.Remove(node);
        else
            _unreachable.Add(node);
    }

    private Task<Protocol.Duplex.IFrameDuplex> ConnectToAsync(Uri address, CancellationToken cancellationToken)
    {
        var node = int.Parse(address.Host.AsSpan("node-".Length), System.Globalization.CultureInfo.InvariantCulture);
        Attempts.Add((node, _simulation.Time.Elapsed));
        return _unreachable.Contains(node)
            ? throw new System.IO.IOException("There is no way to the node.")
            : Nodes[node].ConnectAsync(cancellationToken);
    }
}
