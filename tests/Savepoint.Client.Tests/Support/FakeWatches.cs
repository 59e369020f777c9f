using Google.Protobuf;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>What a fake server tells those who watch, and who asks.</summary>
internal sealed class FakeWatches(FakeServer server)
{
    public ServerMessage Watch(FakeConnection connection, ulong request, Watch watch, List<Action> pushes)
    {
        var entity = server.Entity(watch.Id);
        entity.Watches.Add((connection, request));
        if (watch.FromVersion == 0 || !server.KeepsDeltas)
            return new ServerMessage { Snapshot = Snapshot(entity) };
        Replay(entity, connection, request, (long)watch.FromVersion, pushes);
        return new ServerMessage { WatchResumed = new WatchResumed { Version = watch.FromVersion } };
    }

    public ServerMessage Unwatch(Unwatch unwatch)
    {
        foreach (var entity in server.Entities.Values)
            entity.Watches.RemoveAll(watch => watch.Number == unwatch.Watch);
        return new ServerMessage { Unwatched = new Unwatched() };
    }

    public ServerMessage Get(Get get) => new() { Snapshot = Snapshot(server.Entity(get.Id)) };

    public void Replay(FakeEntity entity, FakeConnection connection, ulong watch, long from, List<Action> pushes)
    {
        foreach (var recorded in entity.History.Where(recorded => recorded.Version > from))
            pushes.Add(() => connection.Send(Pushed(recorded, connection, watch)));
    }

    public void Push(FakeEntity entity, bool checksum, Action<Change>? spoil)
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

    public static void PushMessage(FakeEntity entity, EntityMessage sent)
    {
        foreach (var (connection, watch) in entity.Watches)
        {
            var push = sent.Clone();
            push.Watch = watch;
            connection.Send(new ServerMessage { EntityMessage = push });
        }
    }

    private static Snapshot Snapshot(FakeEntity entity) => entity.Version == 0
        ? new Snapshot()
        : new Snapshot { Version = (ulong)entity.Version, Document = ByteString.CopyFrom(entity.Document.ToBytes()) };

    private ServerMessage Pushed(FakeChange recorded, FakeConnection connection, ulong watch)
    {
        var own = server.MarksOwnChanges && recorded.Writer is not null && recorded.Writer == connection.Writer;
        return new ServerMessage
        {
            Change = new Change
            {
                Watch = watch,
                Version = (ulong)recorded.Version,
                Delta = own && server.OmitOwnDeltas ? ByteString.Empty : ByteString.CopyFrom(recorded.Delta),
                OwnRequest = own ? recorded.Request : 0,
                OwnMutation = own ? (uint)recorded.Mutation : 0,
            },
        };
    }
}
