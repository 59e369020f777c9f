using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>What the fake server does with a request.</summary>
public enum Treatment
{
    /// <summary>As a server does.</summary>
    Normal,

    /// <summary>It never hears of it: not executed, not answered.</summary>
    Ignore,

    /// <summary>Executed, but the answer is lost.</summary>
    LoseAnswer,

    /// <summary>Refused with <see cref="FakeServer.Refusal"/>, and that is forgotten: the request number is not.</summary>
    Refuse,

    /// <summary>It comes to it, and to what follows on the same connection, when the test says so (<see cref="FakeServer.TakeHeld"/>).</summary>
    Hold,
}

/// <summary>
/// A server that speaks the stream protocol from a dictionary, and does what a test tells it to. It keeps outcomes by writer and request, as the real
/// one does, so that a request that is sent again has its effect once.
/// </summary>
/// <param name="simulation">The test's time.</param>
/// <param name="sharing">Another node of the same cluster; null for a server alone.</param>
public sealed class FakeServer(Simulation simulation, FakeServer? sharing = null)
{
    private readonly List<FakeConnection> _connections = [];
    private readonly List<(FakeConnection Connection, ClientMessage Message)> _held = [];
    private readonly List<(Func<ClientMessage, bool> Match, TaskCompletionSource<ClientMessage> Seen)> _waiters = [];

    public Dictionary<(string Kind, string Id), FakeEntity> Entities { get; } = sharing?.Entities ?? [];

    public Dictionary<ByteString, FakeWriter> Writers { get; } = sharing?.Writers ?? [];

    /// <summary>Which node of a cluster it is.</summary>
    public ByteString Node { get; set; } = ByteString.Empty;

    /// <summary>What it tells game servers that ask; null for nothing, as a server that does not know of maps.</summary>
    public ShardMap? ShardMap { get; private set; }

    /// <summary>Whether it takes no new connections and sessions.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>All requests as they came, repeats included.</summary>
    public List<ClientMessage> Requests { get; } = [];

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
        TimeProvider = simulation.Time,
        Random = new Random(1),
        SynchronizationContext = simulation.Scheduler,
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
        Push(entity, checksum, spoil);
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

    public IEnumerable<ClientMessage> Units => Requests.Where(message => message.BodyCase == ClientMessage.BodyOneofCase.Unit);

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
        ClientMessage.BodyOneofCase.Unit => Execute(connection, message.Request, message.Unit, pushes),
        ClientMessage.BodyOneofCase.Batch => Execute(connection, message.Request, message.Batch, writer: connection.Writer!, pushes),
        ClientMessage.BodyOneofCase.OpenSession => Open(connection, message.Request, message.OpenSession, pushes),
        ClientMessage.BodyOneofCase.EndSession => End(message.EndSession),
        ClientMessage.BodyOneofCase.Watch => Watch(connection, message.Request, message.Watch, pushes),
        ClientMessage.BodyOneofCase.Unwatch => Unwatch(message.Unwatch),
        ClientMessage.BodyOneofCase.Get => Get(message.Get),
        _ => throw new InvalidOperationException(message.ToString()),
    };

    private ServerMessage Execute(FakeConnection connection, ulong request, Unit unit, List<Action> pushes)
    {
        var committed = new UnitCommitted();
        var undo = new UndoLog();
        for (var i = 0; i < unit.Mutations.Count; i++)
        {
            var mutation = unit.Mutations[i];
            var entity = Entity(mutation.Id);
            if (Check(entity, mutation, undo) is { } error)
            {
                undo.RollBackTo(0);
                (error.Kind, error.Id, error.Mutation) = (mutation.Kind, mutation.Id, (uint)i);
                return new ServerMessage { Error = error };
            }
        }
        for (var i = 0; i < unit.Mutations.Count; i++)
        {
            var mutation = unit.Mutations[i];
            var entity = Entity(mutation.Id);
            if (mutation.ChangeCase == Mutation.ChangeOneofCase.Message)
            {
                var sent = new EntityMessage { Id = ++entity.LastMessage, Body = mutation.Message, Sender = "sender", SentUnixMs = 1 };
                entity.Messages.Add(sent);
                committed.Versions.Add(sent.Id);
                pushes.Add(() => PushMessage(entity, sent));
                continue;
            }
            entity.Messages.RemoveAll(kept => mutation.ProcessedMessages.Contains(kept.Id));
            entity.Record(mutation.Delta.ToByteArray(), connection.Writer, request, i);
            committed.Versions.Add((ulong)entity.Version);
            pushes.Add(() => Push(entity, checksum: true, null));
        }
        return new ServerMessage { UnitCommitted = committed };
    }

    private ServerMessage Execute(FakeConnection connection, ulong request, Batch batch, FakeWriter writer, List<Action> pushes)
    {
        var before = writer.Outcomes.TryGetValue(request, out var known) ? known.BatchResult : null;
        var result = new BatchResult();
        for (var i = 0; i < batch.Parts.Count; i++)
        {
            var part = batch.Parts[i];
            if (before is not null && before.Parts[i].Error is not ({ Transient: true } or { OutcomeUnknown: true }))
            {
                result.Parts.Add(before.Parts[i]);
                continue;
            }
            if (TreatPart(part) is { } refusal)
            {
                result.Parts.Add(new PartResult { Error = refusal });
                continue;
            }
            var answer = Execute(connection, request, new Unit { Mutations = { part } }, pushes);
            if (answer.Error is { } error)
                error.Mutation = (uint)i;
            else if (part.ChangeCase == Mutation.ChangeOneofCase.Delta)
                Entity(part.Id).History[^1] = Entity(part.Id).History[^1] with { Writer = null };
            result.Parts.Add(answer.Error is null ? new PartResult { Version = answer.UnitCommitted.Versions[0] } : new PartResult { Error = answer.Error });
        }
        return new ServerMessage { BatchResult = result };
    }

    private static Error? Check(FakeEntity entity, Mutation mutation, UndoLog undo)
    {
        if (mutation.Session != 0 && (mutation.Session != entity.Session || !entity.IsHeld))
            return new Error { Code = ErrorCodes.SessionLost, Holder = entity.Holder };
        if (mutation.HasExpectedVersion && (long)mutation.ExpectedVersion != entity.Version)
            return new Error { Code = ErrorCodes.VersionMismatch, ExpectedVersion = mutation.ExpectedVersion, CurrentVersion = (ulong)entity.Version };
        if (mutation.ChangeCase != Mutation.ChangeOneofCase.Delta)
            return null;
        var error = Delta.TryApply(entity.Document, mutation.Delta.Span, DocumentLimits.Default, undo, out var failed);
        return error == DocumentError.None ? null : new Error { Code = error.Code(), Path = Delta.PathOf(mutation.Delta.Span, failed)?.ToString() ?? "" };
    }

    private ServerMessage? Open(FakeConnection connection, ulong request, OpenSession open, List<Action> pushes)
    {
        var entity = Entity(open.Id);
        if (open.Resume != 0)
        {
            if (open.Resume != entity.Session || !entity.IsHeld)
                return new ServerMessage { Error = new Error { Code = ErrorCodes.SessionLost, Holder = entity.Holder } };
            entity.Watches.Add((connection, request));
            var opened = new SessionOpened { Result = SessionOpened.Types.Result.Acquired, Session = entity.Session, Resumed = true, Version = (ulong)entity.Version };
            opened.Messages.AddRange(entity.Messages);
            if (KeepsDeltas)
                Replay(entity, connection, request, (long)open.FromVersion, pushes);
            else
                opened.Document = ByteString.CopyFrom(entity.Document.ToBytes());
            return new ServerMessage { SessionOpened = opened };
        }
        if (IsDraining)
            return new ServerMessage { SessionOpened = new SessionOpened { Result = SessionOpened.Types.Result.ShuttingDown } };
        if (entity.IsHeld && open.Policy == SessionConflictPolicy.Fail)
            return new ServerMessage { SessionOpened = new SessionOpened { Result = SessionOpened.Types.Result.HeldElsewhere, Holder = entity.Holder, SinceUnixMs = 5000 } };
        if (entity.IsHeld && open.Policy == SessionConflictPolicy.Wait)
        {
            // Only asks the holder; a test ends the wait.
            return null;
        }
        if (entity.IsHeld)
            Steal(open.Id, "server-1");
        return new ServerMessage { SessionOpened = Acquire(entity, connection, request, open) };
    }

    private static SessionOpened Acquire(FakeEntity entity, FakeConnection connection, ulong request, OpenSession open)
    {
        var created = entity.Version == 0;
        if (created)
        {
            entity.Version = 1;
            entity.Document = Document.Decode(open.Template.Span);
        }
        entity.Session++;
        entity.IsHeld = true;
        entity.Holder = "server-1";
        entity.Watches.Add((connection, request));
        var opened = new SessionOpened
        {
            Result = SessionOpened.Types.Result.Acquired,
            Session = entity.Session,
            Version = (ulong)entity.Version,
            Document = ByteString.CopyFrom(entity.Document.ToBytes()),
            Created = created,
        };
        opened.Messages.AddRange(entity.Messages);
        return opened;
    }

    /// <summary>Takes a session away from its holder.</summary>
    public void Steal(string id, string by)
    {
        var entity = Entity(id);
        PushTo(id, watch => new ServerMessage
        {
            SessionEnded = new SessionEnded { Watch = watch, Reason = SessionEnded.Types.Reason.Stolen, Holder = by },
        });
        entity.Session++;
        entity.Holder = by;
        entity.Watches.Clear();
    }

    private ServerMessage End(EndSession end)
    {
        var entity = Entity(end.Id);
        if (end.Session != entity.Session || !entity.IsHeld)
            return new ServerMessage { Error = new Error { Code = ErrorCodes.SessionLost, Holder = entity.Holder } };
        entity.IsHeld = false;
        entity.Holder = "";
        entity.Watches.Clear();
        return new ServerMessage { SessionEnded = new SessionEnded { Reason = SessionEnded.Types.Reason.Ended } };
    }

    private ServerMessage Watch(FakeConnection connection, ulong request, Watch watch, List<Action> pushes)
    {
        var entity = Entity(watch.Id);
        entity.Watches.Add((connection, request));
        if (watch.FromVersion == 0 || !KeepsDeltas)
            return new ServerMessage { Snapshot = Snapshot(entity) };
        Replay(entity, connection, request, (long)watch.FromVersion, pushes);
        return new ServerMessage { WatchResumed = new WatchResumed { Version = watch.FromVersion } };
    }

    private ServerMessage Unwatch(Unwatch unwatch)
    {
        foreach (var entity in Entities.Values)
            entity.Watches.RemoveAll(watch => watch.Number == unwatch.Watch);
        return new ServerMessage { Unwatched = new Unwatched() };
    }

    private ServerMessage Get(Get get) => new() { Snapshot = Snapshot(Entity(get.Id)) };

    private static Snapshot Snapshot(FakeEntity entity) => entity.Version == 0
        ? new Snapshot()
        : new Snapshot { Version = (ulong)entity.Version, Document = ByteString.CopyFrom(entity.Document.ToBytes()) };

    private void Replay(FakeEntity entity, FakeConnection connection, ulong watch, long from, List<Action> pushes)
    {
        foreach (var recorded in entity.History.Where(recorded => recorded.Version > from))
            pushes.Add(() => connection.Send(Pushed(recorded, connection, watch)));
    }

    private ServerMessage Pushed(FakeChange recorded, FakeConnection connection, ulong watch)
    {
        var own = MarksOwnChanges && recorded.Writer is not null && recorded.Writer == connection.Writer;
        return new ServerMessage
        {
            Change = new Change
            {
                Watch = watch,
                Version = (ulong)recorded.Version,
                Delta = own && OmitOwnDeltas ? ByteString.Empty : ByteString.CopyFrom(recorded.Delta),
                OwnRequest = own ? recorded.Request : 0,
                OwnMutation = own ? (uint)recorded.Mutation : 0,
            },
        };
    }

    private void Push(FakeEntity entity, bool checksum, Action<Change>? spoil)
    {
        var recorded = entity.History[^1];
        foreach (var (connection, watch) in entity.Watches.ToArray())
        {
            var message = Pushed(recorded, connection, watch);
            if (checksum)
                message.Change.Checksum = entity.Document.Checksum();
            spoil?.Invoke(message.Change);
            connection.Send(message);
        }
    }

    private static void PushMessage(FakeEntity entity, EntityMessage sent)
    {
        foreach (var (connection, watch) in entity.Watches)
        {
            var push = sent.Clone();
            push.Watch = watch;
            connection.Send(new ServerMessage { EntityMessage = push });
        }
    }
}
