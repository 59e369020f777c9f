using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>
/// A server that speaks the stream protocol from a dictionary, and does what a test tells it to. It keeps outcomes by writer and request, as the real
/// one does, so that a request that is sent again has its effect once.
/// </summary>
public sealed class FakeServer
{
    private readonly List<FakeConnection> _connections = [];
    private readonly List<(FakeConnection Connection, ClientMessage Message)> _held = [];
    private readonly List<(Func<ClientMessage, bool> Match, TaskCompletionSource<ClientMessage> Seen)> _waiters = [];
    private readonly Simulation _simulation;
    private readonly FakeWatches _watches;
    private readonly FakeSessions _sessions;
    private readonly FakeUnits _units;

    /// <param name="simulation">The test's time.</param>
    /// <param name="sharing">Another node of the same cluster; null for a server alone.</param>
    public FakeServer(Simulation simulation, FakeServer? sharing = null)
    {
        _simulation = simulation;
        Entities = sharing?.Entities ?? [];
        Writers = sharing?.Writers ?? [];
        _watches = new FakeWatches(this);
        _sessions = new FakeSessions(this, _watches);
        _units = new FakeUnits(this, _watches);
    }

    public Dictionary<(string Kind, string Id), FakeEntity> Entities { get; }

    public Dictionary<ByteString, FakeWriter> Writers { get; }

    /// <summary>Which node of a cluster it is.</summary>
    public ByteString Node { get; set; } = ByteString.Empty;

    /// <summary>What it tells game servers that ask; null for nothing, as a server that does not know of maps.</summary>
    public ShardMap? ShardMap { get; private set; }

    /// <summary>Whether it takes no new connections and sessions.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>All requests as they came, repeats included.</summary>
    public List<ClientMessage> Requests { get; } = [];

    public IEnumerable<ClientMessage> Units => Requests.Where(message => message.BodyCase == ClientMessage.BodyOneofCase.Unit);

    public List<ClientFrame> Frames { get; } = [];

    public List<Hello> Hellos { get; } = [];

    public ByteString Database { get; set; } = Bytes(1);

    public uint Window { get; set; } = 1000;

    /// <summary>Decides what happens to each request.</summary>
    public Func<ClientMessage, Treatment> Treat { get; set; } = _ => Treatment.Normal;

    /// <summary>What a part of a batch is refused with, and not remembered; null for nothing.</summary>
    public Func<Mutation, Error?> TreatPart { get; set; } = _ => null;

    public Error Refusal { get; set; } = new() { Code = ErrorCodes.Overloaded, Transient = true };

    /// <summary>Set to refuse the next greetings.</summary>
    public Error? HelloRefusal { get; set; }

    /// <summary>Whether attempts to connect fail.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether own changes are pushed after the answer, as a coalescing watch would, or before it.</summary>
    public bool PushBeforeAnswer { get; set; } = true;

    /// <summary>Whether pushes leave own deltas out.</summary>
    public bool OmitOwnDeltas { get; set; } = true;

    /// <summary>Whether pushes say whose change it was; a server that has taken over from another may not know.</summary>
    public bool MarksOwnChanges { get; set; } = true;

    /// <summary>Whether the deltas after a version are still at hand when a watch or session comes back.</summary>
    public bool KeepsDeltas { get; set; } = true;

    public bool AnswersPings { get; set; } = true;

    public int Connections => _connections.Count(connection => connection.IsOpen);

    public SavepointClientOptions Options => new()
    {
        Connect = ConnectAsync,
        Credentials = new GameServerCredentials("server-1", "secret"),
        TimeProvider = _simulation.Time,
        Random = new Random(1),
        SynchronizationContext = _simulation.Scheduler,
    };

    public static ByteString Bytes(byte value) => ByteString.CopyFrom(Enumerable.Repeat(value, 16).ToArray());

    public Task<SavepointClient> ConnectClientAsync(Func<SavepointClientOptions, SavepointClientOptions>? change = null) =>
        SavepointClient.ConnectAsync(change is null ? Options : change(Options));

    public FakeEntity Entity(string id) => Entities.TryGetValue(("profile", id), out var entity) ? entity : Entities[("profile", id)] = new FakeEntity();

    /// <summary>Puts a document in place, as it were from before.</summary>
    public FakeEntity Put(string id, params (string Path, Value Value)[] values)
    {
        var entity = Entity(id);
        var delta = new DeltaWriter();
        foreach (var (path, value) in values)
            delta.Set(path, value);
        Delta.Apply(entity.Document, delta.WrittenSpan);
        entity.Version = Math.Max(1, entity.Version);
        return entity;
    }

    /// <summary>Changes an entity from elsewhere, and pushes.</summary>
    public void Change(string id, Action<DeltaWriter> write, bool checksum = false, Action<Change>? spoil = null)
    {
        var delta = new DeltaWriter();
        write(delta);
        var entity = Entity(id);
        Delta.Apply(entity.Document, delta.WrittenSpan);
        entity.Record(delta.ToArray());
        _watches.Push(entity, checksum, spoil);
    }

    public void Push(ServerMessage message)
    {
        foreach (var connection in _connections.Where(connection => connection.IsOpen))
            connection.Send(message);
    }

    public void PushTo(string id, Func<ulong, ServerMessage> message)
    {
        foreach (var (connection, watch) in Entity(id).Watches)
            connection.Send(message(watch));
    }

    /// <summary>Takes a session away from its holder.</summary>
    public void Steal(string id, string by) => _sessions.Steal(id, by);

    /// <summary>Tells a map to those who asked for it.</summary>
    public void Tell(ShardMap map)
    {
        ShardMap = map;
        foreach (var connection in _connections.Where(connection => connection is { IsOpen: true, FollowsShardMap: true }))
            connection.Send(new ServerMessage { ShardMap = map });
    }

    /// <summary>Begins to go down, as <c>StreamServer.DrainAsync</c> does.</summary>
    public void Drain()
    {
        IsDraining = true;
        Push(new ServerMessage { Draining = new Draining { GraceMs = 10_000 } });
    }

    /// <summary>Comes back after it went down.</summary>
    public void Restart()
    {
        IsDraining = false;
        Break();
    }

    /// <summary>Comes to what was held, in order.</summary>
    public void TakeHeld()
    {
        var held = _held.ToArray();
        _held.Clear();
        foreach (var (connection, message) in held.Where(held => held.Connection.IsOpen))
            Take(connection, message, Treatment.Normal);
    }

    /// <summary>A connection has ended: nothing is pushed to it any more.</summary>
    internal void Forget(FakeConnection connection)
    {
        foreach (var entity in Entities.Values)
            entity.Watches.RemoveAll(watch => watch.Connection == connection);
    }

    /// <summary>Cuts all connections; what is on its way is lost.</summary>
    public void Break()
    {
        foreach (var connection in _connections)
        {
            connection.Break();
            Forget(connection);
        }
    }

    /// <summary>The next request that matches.</summary>
    public Task<ClientMessage> Next(Func<ClientMessage, bool> match)
    {
        var seen = new TaskCompletionSource<ClientMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Add((match, seen));
        return seen.Task;
    }

    public Task<ClientMessage> NextUnit() => Next(message => message.BodyCase == ClientMessage.BodyOneofCase.Unit);

    public Task<IFrameDuplex> ConnectAsync(CancellationToken cancellationToken)
    {
        if (IsDown)
            throw new System.IO.IOException("The fake server is down.");
        var (client, server) = InProcessDuplex.CreatePair();
        var connection = new FakeConnection(this, server);
        _connections.Add(connection);
        _ = connection.RunAsync();
        return Task.FromResult<IFrameDuplex>(client);
    }

    internal ServerMessage Greet(Hello hello, FakeConnection connection)
    {
        Hellos.Add(hello);
        if (HelloRefusal is { } refusal)
        {
            HelloRefusal = null;
            return new ServerMessage { Error = refusal };
        }
        if (IsDraining)
            return new ServerMessage { Error = new Error { Code = ErrorCodes.ShuttingDown, Transient = true } };
        if (!hello.Node.IsEmpty && hello.Node != Node)
            return new ServerMessage { Error = new Error { Code = ErrorCodes.WrongNode } };
        var id = hello.Writer.IsEmpty ? Bytes((byte)(100 + Writers.Count)) : hello.Writer;
        connection.Writer = Writers.TryGetValue(id, out var writer) ? writer : Writers[id] = new FakeWriter();
        connection.FollowsShardMap = hello.ShardMap;
        foreach (var former in _connections.Where(former => former != connection && former.IsOpen && former.Writer == connection.Writer))
            former.Break();
        return new ServerMessage
        {
            Welcome = new Welcome { Writer = id, Database = Database, SessionLeaseMs = 30_000, Window = Window, MaxFrameBytes = 16 << 20, NodeId = Node },
        };
    }

    internal void Handle(FakeConnection connection, ClientMessage message)
    {
        if (message.BodyCase == ClientMessage.BodyOneofCase.Ping)
        {
            if (AnswersPings)
                connection.Send(new ServerMessage { Pong = new Pong { Token = message.Ping.Token } });
            return;
        }
        Requests.Add(message);
        foreach (var waiter in _waiters.Where(waiter => waiter.Match(message)).ToArray())
        {
            _waiters.Remove(waiter);
            waiter.Seen.SetResult(message);
        }
        var treatment = Treat(message);
        if (treatment == Treatment.Hold || _held.Exists(held => held.Connection == connection))
            _held.Add((connection, message));
        else
            Take(connection, message, treatment);
    }

    private void Take(FakeConnection connection, ClientMessage message, Treatment treatment)
    {
        if (treatment == Treatment.Ignore)
            return;
        if (treatment == Treatment.Refuse)
        {
            connection.Send(new ServerMessage { Request = message.Request, Error = Refusal });
            return;
        }
        var writer = connection.Writer!;
        if (writer.Outcomes.TryGetValue(message.Request, out var known) && message.BodyCase is ClientMessage.BodyOneofCase.Unit or ClientMessage.BodyOneofCase.Batch
            && known.BatchResult?.Parts.Any(part => part.Error is { Transient: true } or { OutcomeUnknown: true }) != true)
        {
            connection.Send(known);
            return;
        }
        var pushes = new List<Action>();
        var answer = Execute(connection, message, pushes);
        if (answer is null)
            return;
        answer.Request = message.Request;
        writer.Outcomes[message.Request] = answer;
        if (PushBeforeAnswer && message.BodyCase == ClientMessage.BodyOneofCase.Unit)
            pushes.ForEach(push => push());
        if (treatment != Treatment.LoseAnswer)
            connection.Send(answer);
        if (!PushBeforeAnswer || message.BodyCase != ClientMessage.BodyOneofCase.Unit)
            pushes.ForEach(push => push());
    }

    private ServerMessage? Execute(FakeConnection connection, ClientMessage message, List<Action> pushes) => message.BodyCase switch
    {
        ClientMessage.BodyOneofCase.Unit => _units.Execute(connection, message.Request, message.Unit, pushes),
        ClientMessage.BodyOneofCase.Batch => _units.Execute(connection, message.Request, message.Batch, writer: connection.Writer!, pushes),
        ClientMessage.BodyOneofCase.OpenSession => _sessions.Open(connection, message.Request, message.OpenSession, pushes),
        ClientMessage.BodyOneofCase.EndSession => _sessions.End(message.EndSession),
        ClientMessage.BodyOneofCase.Watch => _watches.Watch(connection, message.Request, message.Watch, pushes),
        ClientMessage.BodyOneofCase.Unwatch => _watches.Unwatch(message.Unwatch),
        ClientMessage.BodyOneofCase.Get => _watches.Get(message.Get),
        _ => throw new InvalidOperationException(message.ToString()),
    };
}
