using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Outgoing;
using Savepoint.Streams.Watching;
using EngineMessage = Savepoint.Engine.Sessions.EntityMessage;
using EnginePolicy = Savepoint.Engine.Sessions.SessionConflictPolicy;

namespace Savepoint.Streams.Sessions;

/// <summary>A session that a client holds or waits for. Its changes are sent at once.</summary>
internal sealed class ClientSession(StreamConnection connection, long number, long receivedThrough, EntityKey key, OpenSession request)
    : ClientWatch(connection, number, key, TimeSpan.Zero, (long)request.FromVersion)
{
    // A frame of the protocol has a limit, and a thousand messages may be large: what goes beyond this follows in messages of its own.
    private const int MaxMessageBytesInAnswer = 512 << 10;

    private SessionSubscription? _opened;
    private long _lastMessage;

    /// <summary>The fencing number; 0 until the session is acquired.</summary>
    public long Session { get; private set; }

    public bool IsAcquired => Session != 0;

    public void OnOpened(Watcher from, in SessionOpening opening)
    {
        lock (Outbox.Gate)
        {
            if (from != Subscription || State != Phase.Joining)
                return;
            if (opening.Refusal is { } refusal)
                Refused(refusal);
            else if (opening.Session == 0)
                Held(opening.HeldBy ?? "", opening.HeldSince);
            else
                Acquired(opening);
        }
    }

    public void OnRequested(Watcher from, string requester) =>
        Push(from, new ServerMessage { SessionRequested = new SessionRequested { Watch = (ulong)Number, Requester = requester } });

    public void OnMessage(Watcher from, EngineMessage message)
    {
        lock (Outbox.Gate)
        {
            if (from == Subscription && !IsEnded)
                Deliver(message);
        }
    }

    public void OnEnded(Watcher from, SessionEndReason reason, string? newHolder)
    {
        lock (Outbox.Gate)
        {
            if (from == Subscription && !IsEnded)
                EndedBy(ReasonOf(reason), newHolder);
        }
    }

    /// <summary>The client has ended it, over this connection or another.</summary>
    public void OnReleased(Watcher from)
    {
        lock (Outbox.Gate)
        {
            if (from != Subscription || IsEnded)
                return;
            End();
            Connection.Watches.ReleaseLater(this);
        }
    }

    /// <summary>The server is shutting down: a session that is still waited for is not given out any more. Not under the gate.</summary>
    public void Withdraw()
    {
        lock (Outbox.Gate)
        {
            if (IsEnded || IsAcquired)
                return;
            Answer(ShuttingDown());
            End();
        }

        Release();
    }

    public static ServerMessage ShuttingDown() => new() { SessionOpened = new SessionOpened { Result = SessionOpened.Types.Result.ShuttingDown } };

    protected override Watcher NewSubscription(long fromVersion) => new SessionSubscription(this)
    {
        Key = Key,
        FromVersion = fromVersion,
        Name = Connection.Principal.Name,
        Writer = Connection.Writer,
        Request = Number,
        ReceivedThrough = receivedThrough,
        Policy = (EnginePolicy)request.Policy,
        WaitTimeout = request.WaitTimeoutMs == 0 ? Connection.Services.Options.DefaultSessionWait : TimeSpan.FromMilliseconds(request.WaitTimeoutMs),
        Template = request.Template.Memory,
        Resume = IsAcquired ? Session : (long)request.Resume,
        Replaces = _opened,
    };

    protected override void Enter(Watcher subscription) => Connection.Services.Engine.OpenSession((SessionSubscription)subscription);

    protected override void Leave(Watcher subscription)
    {
        // The engine puts the new subscription in its place; disconnecting it would start the lease.
    }

    protected override void Release(Watcher subscription) => Connection.Services.Engine.Disconnect((SessionSubscription)subscription);

    protected override void OnEnding()
    {
        if (IsAcquired)
            Connection.Services.Sessions.Decrement();
    }

    protected override void OnRefusedAgain(Refusal refusal)
    {
        var reason = refusal.Code == RefusalCode.SessionLost ? SessionEnded.Types.Reason.Stolen : SessionEnded.Types.Reason.Unspecified;
        Outbox.Push(Ended(reason, refusal.Holder));
    }

    private void Acquired(in SessionOpening opening)
    {
        _opened = (SessionSubscription?)Subscription;
        if (!IsAcquired)
        {
            Session = opening.Session;
            Connection.Watches.Acquired(this);
            Connection.Services.Sessions.Increment();
        }

        var snapshot = Seen(opening.Snapshot);
        var answer = new SessionOpened
        {
            Result = SessionOpened.Types.Result.Acquired,
            Session = (ulong)opening.Session,
            Version = (ulong)snapshot.Version,
            Document = ServerMessages.Bytes(snapshot.Document),
            Created = opening.Created,
            Resumed = opening.Resumed,
        };
        var messages = opening.Messages ?? [];
        var included = WasAnswered ? 0 : Include(messages, answer);
        Joined(snapshot, _ => new ServerMessage { SessionOpened = answer });
        for (var i = included; i < messages.Count; i++)
            Deliver(messages[i]);
    }

    private int Include(IReadOnlyList<EngineMessage> messages, SessionOpened answer)
    {
        var bytes = 0;
        var count = 0;
        while (count < messages.Count && (bytes += messages[count].Body.Length) <= MaxMessageBytesInAnswer)
        {
            answer.Messages.Add(ServerMessages.Message(messages[count]));
            _lastMessage = messages[count++].Id;
        }

        return count;
    }

    private void Deliver(EngineMessage message)
    {
        // Joining again brings the messages that still wait, of which the client has some.
        if (message.Id <= _lastMessage)
            return;
        _lastMessage = message.Id;
        Outbox.Push(new ServerMessage { EntityMessage = ServerMessages.Message(message, Number) });
    }

    private void Held(string holder, DateTimeOffset since)
    {
        if (WasAnswered)
        {
            EndedBy(SessionEnded.Types.Reason.Stolen, holder);
            return;
        }

        Answer(new ServerMessage
        {
            SessionOpened = new SessionOpened
            {
                Result = SessionOpened.Types.Result.HeldElsewhere,
                Holder = holder,
                SinceUnixMs = since.ToUnixTimeMilliseconds(),
            },
        });
        End();
    }

    private void EndedBy(SessionEnded.Types.Reason reason, string? holder)
    {
        End();
        Outbox.Push(Ended(reason, holder));
    }

    private void Push(Watcher from, ServerMessage message)
    {
        lock (Outbox.Gate)
        {
            if (from == Subscription && !IsEnded)
                Outbox.Push(message);
        }
    }

    private ServerMessage Ended(SessionEnded.Types.Reason reason, string? holder) =>
        new() { SessionEnded = new SessionEnded { Watch = (ulong)Number, Reason = reason, Holder = holder ?? "" } };

    private static SessionEnded.Types.Reason ReasonOf(SessionEndReason reason) => reason switch
    {
        SessionEndReason.Ended => SessionEnded.Types.Reason.Ended,
        SessionEndReason.Stolen => SessionEnded.Types.Reason.Stolen,
        SessionEndReason.LeaseExpired => SessionEnded.Types.Reason.LeaseExpired,
        SessionEndReason.Removed => SessionEnded.Types.Reason.Removed,
        _ => SessionEnded.Types.Reason.Unspecified,
    };
}
