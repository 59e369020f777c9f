using Savepoint.Engine;
using Savepoint.Streams;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>The server processes: one serves; when it dies another is started, and one that was only away may still be around and believe that it serves.</summary>
internal sealed class Cluster(
    SimulatedWorld world, SimulatedDatabase database, SimulatedNetwork network, Broker broker, EngineOptions options, SimulationPace pace, History history)
{
    private readonly Lock _gate = new();
    private readonly Random _random = world.NewRandom();
    private readonly List<Node> _nodes = [];
    private readonly StreamOptions _streams = new() { SessionLease = options.SessionLease, DrainGrace = pace.Scale(TimeSpan.FromSeconds(5)) };

    /// <summary>The newest node.</summary>
    public Node Current
    {
        get
        {
            lock (_gate)
                return _nodes[^1];
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
            var process = world.NewProcess($"node-{_nodes.Count + 1}", error);
            var server = new SimulatedServer(
                process, network, database.Connect(process), GameKinds.All, options, _streams, new Random(_random.Next()), broker.Connect(process));
            node = new Node(process, server, history, new StopLimits(pace.Scale(TimeSpan.FromSeconds(20)), CountDisturbances));
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

    private int CountDisturbances() => Started + Enum.GetValues<StoreFault>().Sum(database.CountOf);

    private void Replace(Node dead)
    {
        history.Died(dead.Name);
        TimeSpan delay;
        lock (_gate)
        {
            if (_nodes[^1] != dead)
                return;
            delay = pace.Scale(TimeSpan.FromMilliseconds(_random.Next(10, 3000)));
        }

        world.After(delay, () =>
        {
            if (Current == dead)
                StartNode();
        });
    }
}
