using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>Who holds which session of a fake server.</summary>
internal sealed class FakeSessions(FakeServer server, FakeWatches watches)
{
    public ServerMessage? Open(FakeConnection connection, ulong request, OpenSession open, List<Action> pushes)
    {
        var entity = server.Entity(open.Id);
        if (open.Resume != 0)
        {
            if (open.Resume != entity.Session || !entity.IsHeld)
                return new ServerMessage { Error = new Error { Code = ErrorCodes.SessionLost, Holder = entity.Holder } };
            entity.Watches.Add((connection, request));
            var opened = new SessionOpened { Result = SessionOpened.Types.Result.Acquired, Session = entity.Session, Resumed = true, Version = (ulong)entity.Version };
            opened.Messages.AddRange(entity.Messages);
            if (server.KeepsDeltas)
                watches.Replay(entity, connection, request, (long)open.FromVersion, pushes);
            else
                opened.Document = ByteString.CopyFrom(entity.Document.ToBytes());
            return new ServerMessage { SessionOpened = opened };
        }
        if (server.IsDraining)
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

    public ServerMessage End(EndSession end)
    {
        var entity = server.Entity(end.Id);
        if (end.Session != entity.Session || !entity.IsHeld)
            return new ServerMessage { Error = new Error { Code = ErrorCodes.SessionLost, Holder = entity.Holder } };
        entity.IsHeld = false;
        entity.Holder = "";
        entity.Watches.Clear();
        return new ServerMessage { SessionEnded = new SessionEnded { Reason = SessionEnded.Types.Reason.Ended } };
    }

    /// <summary>Takes a session away from its holder.</summary>
    public void Steal(string id, string by)
    {
        var entity = server.Entity(id);
        server.PushTo(id, watch => new ServerMessage
        {
            SessionEnded = new SessionEnded { Watch = watch, Reason = SessionEnded.Types.Reason.Stolen, Holder = by },
        });
        entity.Session++;
        entity.Holder = by;
        entity.Watches.Clear();
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
}
