using Savepoint.Engine;
using Savepoint.Streams;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>
/// The server processes. Either one serves; when it dies another is started, and one that was only away may still be around and believe that it serves. Or
/// several share the shards, and one that is away for longer than its lease loses them to others.
/// </summary>
internal sealed class Cluster(
    SimulatedWorld world, DatabaseSet databases, SimulatedNetwork network, Broker broker, EngineOptions options, SimulationPace pace, History history,
    Membership? membership, Wire wire)
{
    private readonly Lock _gate = new();
    private readonly Random _random = world.NewRandom();
    private readonly List<Node> _nodes = [];
    private readonly StreamOptions _streams = new() { SessionLease = options.SessionLease, DrainGrace = pace.Scale(TimeSpan.FromSeconds(5)) };

    /// <summary>How many nodes there are to be.</summary>
    public int Size { get; set; } = membership is null ? 1 : 3;

    /// <summary>The newest node; of several, the newest that lives.</summary>
    public Node Current
    {
        get
        {
            lock (_gate)
                return (membership is null ? null : _nodes.FindLast(node => node.Process.IsAlive)) ?? _nodes[^1];
        }
    }

    /// <summary>All nodes that live.</summary>
    public IReadOnlyList<Node> Living
    {
        get
        {
            lock (_gate)
                return [.. _nodes.Where(node => node.Process.IsAlive)];
        }
    }

    public int Started
    {
        get
        {
            lock (_gate)
                return _nodes.Count;
        }
    }

    /// <summary>Starts a node: the first, or one that takes over.</summary>
    public void StartNode()
    {
        Node node;
        lock (_gate)
        {
            var error = new ClockError(world.IsDeterministic ? 1 + ((_random.NextDouble() - 0.5) / 1000) : 1, TimeSpan.FromSeconds((_random.NextDouble() - 0.5) * 20));
            var process = world.NewProcess($"{Node.NamePrefix}{_nodes.Count + 1}", error);
            var server = new SimulatedServer(
                process, network, databases.Connect(process), GameKinds.Of(_nodes.Count + 1, membership is not null), options, _streams, new Random(_random.Next()), broker.Connect(process),
                peers: membership is null ? null : new WirePeers(process, this, wire, world.NewRandom()));
            var limits = new StopLimits(pace.Scale(TimeSpan.FromSeconds(20)), CountDisturbances);
            node = new Node(process, server, history, limits, membership, membership?.NewNode(ChooseName()));
            _nodes.Add(node);
        }

        node.Process.OnDeath(() => Replace(node));
    }

    /// <summary>The node that a client turns to: the current one, mostly.</summary>
    public Node Choose(Random random)
    {
        lock (_gate)
        {
            var living = _nodes.FindAll(node => node.Process.IsAlive);
            return living.Count < 2 || random.Next(8) > 0 ? _nodes[^1] : living[random.Next(living.Count)];
        }
    }

    /// <summary>The node that owns an entity, as far as the table says.</summary>
    public Node OwnerOf(in EntityKey key)
    {
        if (membership is null)
            return Current;
        return OwnerOf(membership, GameKinds.ShardOf(key, membership.Shards)) ?? Current;
    }

    /// <summary>The node that others turn to for a shard: its owner, mostly.</summary>
    public Node? Choose(Random random, int shard) => random.Next(20) == 0 || membership is null ? Pick(random) : OwnerOf(membership, shard);

    /// <summary>The node that a client turns to for an entity: its owner, mostly.</summary>
    public Node Choose(Random random, in EntityKey key)
    {
        if (membership is null)
            return Choose(random);
        return random.Next(8) > 0 ? OwnerOf(key) : Pick(random);
    }

    /// <summary>The node that something happens to.</summary>
    public Node Pick(Random random)
    {
        if (membership is null)
            return Current;
        var living = Living;
        return living.Count == 0 ? Current : living[random.Next(living.Count)];
    }

    /// <summary>Says of a shard, now and then, that another node should own it.</summary>
    public void MoveShard(Random random) => membership?.Move(random.Next(membership.Shards), Pick(random).Self!);

    /// <summary>Has a node's calls to the tables of the cluster go wrong.</summary>
    public void TroubleLeases(Node node, LeaseTrouble? trouble) => membership?.Trouble(node.Process, trouble);

    private Node? OwnerOf(Membership tables, int shard)
    {
        var owner = tables.OwnerOf(shard);
        lock (_gate)
            return _nodes.FindLast(node => node.Process.IsAlive && node.Self!.Id == owner);
    }

    /// <summary>One that nobody has, as when a node is started again; now and then, one that somebody has.</summary>
    private string ChooseName()
    {
        var taken = _nodes.Where(node => node.Process.IsAlive).Select(node => node.Self!.Name).ToList();
        if (taken.Count >= Size && _random.Next(2) == 0)
            return taken[_random.Next(taken.Count)];
        return Enumerable.Range(0, taken.Count + 1).Select(number => $"n{number}").First(name => !taken.Contains(name));
    }

    private int CountDisturbances() => Started + Enum.GetValues<StoreFault>().Sum(databases.CountOf);

    private void Replace(Node dead)
    {
        history.Died(dead.Name);
        TimeSpan delay;
        lock (_gate)
        {
            if (membership is null && _nodes[^1] != dead)
                return;
            delay = pace.Scale(TimeSpan.FromMilliseconds(_random.Next(10, 3000)));
        }

        world.After(delay, () =>
        {
            if (membership is null ? Current == dead : Living.Count < Size)
                StartNode();
        });
    }
}
