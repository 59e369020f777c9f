namespace Savepoint.Testing.Tests;

/// <summary>A server that records what each of its connections gets, and clients to connect to it.</summary>
internal sealed class NetworkBench
{
    private readonly List<IFrameDuplex> _accepted = [];

    public NetworkBench(int seed = 1, NetworkWeather? weather = null)
    {
        World = SimulatedWorld.Create(seed);
        Network = new SimulatedNetwork(World) { Weather = weather ?? NetworkWeather.Fair };
        Server = World.NewProcess("server");
        Client = World.NewProcess("client");
        Listener = Network.Listen(Server, duplex =>
        {
            SynchronizationContext.Current.ShouldBeSameAs(Server);
            _accepted.Add(duplex);
            if (Reads)
                Server.Start(() => ReadAsync(duplex, $"{_accepted.Count}"));
        });
    }

    public SimulatedWorld World { get; }

    public SimulatedNetwork Network { get; }

    public SimulatedProcess Server { get; }

    public SimulatedProcess Client { get; }

    public SimulatedListener Listener { get; }

    public IReadOnlyList<IFrameDuplex> Accepted => _accepted;

    /// <summary>Whether the server reads.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>What has happened, in order: <c>time connection: what</c>.</summary>
    public List<string> Trace { get; } = [];

    public IEnumerable<string> Events(string of) => Trace.Where(line => line.Contains($" {of}: ")).Select(line => line[(line.IndexOf(": ") + 2)..]);

    /// <summary>Connects, and records what the client gets as well.</summary>
    public IFrameDuplex Connect(string name = "client")
    {
        IFrameDuplex? duplex = null;
        Client.Start(async () =>
        {
            duplex = await Network.ConnectAsync(Client, Listener, CancellationToken.None);
            await ReadAsync(duplex, name);
        });
        World.Scheduler!.Advance(TimeSpan.FromMilliseconds(10));
        return duplex!;
    }

    /// <summary>Sends from a process a frame of one byte each millisecond.</summary>
    public void Send(SimulatedProcess from, IFrameDuplex duplex, int first, int last) => from.Start(async () =>
    {
        var frame = new byte[1];
        for (var i = first; i <= last; i++)
        {
            frame[0] = (byte)i;
            try
            {
                await duplex.SendAsync(frame, CancellationToken.None);
            }
            catch (IOException)
            {
                Trace.Add($"{World.Time.GetUtcNow():ss.ffffff} send: failed");
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), from.Time);
        }
    });

    public void Advance(double seconds) => World.Scheduler!.Advance(TimeSpan.FromSeconds(seconds));

    private async Task ReadAsync(IFrameDuplex duplex, string name)
    {
        try
        {
            while (await duplex.ReceiveAsync(CancellationToken.None) is { } frame)
                Trace.Add($"{World.Time.GetUtcNow():ss.ffffff} {name}: {frame.Span[0]}");
            Trace.Add($"{World.Time.GetUtcNow():ss.ffffff} {name}: end");
        }
        catch (IOException)
        {
            Trace.Add($"{World.Time.GetUtcNow():ss.ffffff} {name}: broken");
        }
    }
}
