using Savepoint.Protocol.Duplex;

namespace Savepoint.Testing;

/// <summary>
/// A network between the processes of a <see cref="SimulatedWorld"/>. Frames of one connection arrive in order, each at its own time; those of different
/// connections overtake each other. Connections break, fall silent and are cut, by order or by <see cref="Weather"/>. Safe for concurrent use.
/// </summary>
/// <remarks>Whoever waits for it goes on in the process that it waits in; it uses no thread of its own.</remarks>
public sealed partial class SimulatedNetwork
{
    private readonly SimulatedWorld _world;
    private readonly Random _random;
    private readonly long _start;
    private readonly List<NetworkConnection> _connections = [];
    private readonly HashSet<SimulatedProcess> _known = [];
    private long _frames;

    /// <summary>Makes a network.</summary>
    public SimulatedNetwork(SimulatedWorld world)
    {
        (_world, _random) = (world, world.NewRandom());
        _start = world.Time.GetTimestamp();
    }

    /// <summary>How it behaves.</summary>
    public NetworkWeather Weather { get; set; } = NetworkWeather.Fair;

    /// <summary>How many frames have arrived.</summary>
    public long Frames => Interlocked.Read(ref _frames);

    /// <summary>How many connections there are that at least one living process holds.</summary>
    public int Connections
    {
        get
        {
            lock (Gate)
            {
                Forget();
                return _connections.Count;
            }
        }
    }

    // One lock for all of it: whatever happens to a connection touches both of its ends.
    internal Lock Gate { get; } = new();

    internal TimeProvider Time => _world.Time;

    internal long Now => _world.Time.GetElapsedTime(_start).Ticks;

    /// <summary>Takes connections for a process.</summary>
    /// <param name="process">The server.</param>
    /// <param name="accept">Gets each connection, in the process.</param>
    public SimulatedListener Listen(SimulatedProcess process, Action<IFrameDuplex> accept)
    {
        Know(process);
        return new SimulatedListener(process, accept);
    }

    /// <summary>Connects, which takes a round trip.</summary>
    /// <param name="client">Who connects; call it from there.</param>
    /// <param name="listener">Whom to.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="IOException">The server refused: it is dead, cut off or does not listen. As likely, such an attempt hangs until it is cancelled.</exception>
    public Task<IFrameDuplex> ConnectAsync(SimulatedProcess client, SimulatedListener listener, CancellationToken cancellationToken)
    {
        Know(client);
        return new Dial(this, client, listener).RunAsync(cancellationToken);
    }

    internal NetworkConnection Establish(SimulatedProcess client, SimulatedListener listener)
    {
        Forget();
        var connection = new NetworkConnection(this, client, listener.Process);
        _connections.Add(connection);
        if (!client.IsAlive)
            connection.OnDeath(connection.Client);
        listener.Accept(connection.Server);
        return connection;
    }

    internal void AfterLatency(Action action)
    {
        TimeSpan latency;
        lock (Gate)
            latency = TimeSpan.FromTicks(NextLatency());
        _world.After(latency, () => Locked(action));
    }

    internal void AfterNotice(Action action) =>
        _world.After(TimeSpan.FromTicks(_random.NextInt64(Weather.MaxNotice.Ticks + 1)), () => Locked(action));

    internal void AfterKeepAlive(Action action)
    {
        if (Weather.KeepAliveTimeout != Timeout.InfiniteTimeSpan)
            _world.After(Weather.KeepAliveTimeout, () => Locked(action));
    }

    internal long NextLatency()
    {
        var weather = Weather;
        if (weather.StallShare > 0 && _random.NextDouble() < weather.StallShare)
        {
            Count("stall");
            return _random.NextInt64(weather.MaxStall.Ticks + 1);
        }

        return _random.NextInt64(weather.MinLatency.Ticks, weather.MaxLatency.Ticks + 1);
    }

    internal int Next(int below) => below > 1 ? _random.Next(below) : 0;

    internal void CountFrame() => _frames++;

    private void Locked(Action action)
    {
        lock (Gate)
            action();
    }

    private void Know(SimulatedProcess process)
    {
        lock (Gate)
        {
            if (!_known.Add(process))
                return;
        }

        process.OnDeath(() => OnDeath(process));
    }

    private void Forget() => _connections.RemoveAll(static connection => connection.IsOver);
}
