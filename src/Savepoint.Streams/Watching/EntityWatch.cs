using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Errors;
using Savepoint.Streams.Outgoing;

namespace Savepoint.Streams.Watching;

/// <summary>A watch without a session.</summary>
internal sealed class EntityWatch(StreamConnection connection, long number, EntityKey key, TimeSpan coalesce, long fromVersion)
    : ClientWatch(connection, number, key, coalesce, fromVersion)
{
    public void OnStarted(Watcher from, in EntitySnapshot snapshot, Refusal? refusal)
    {
        lock (Outbox.Gate)
        {
            if (from != Subscription || State != Phase.Joining)
                return;
            if (refusal is not null)
                Refused(refusal);
            else if (Outbox.HasRoomForAnswer(snapshot.Document?.Length ?? 0))
                Joined(Seen(snapshot), First);
            else
                GiveUp();
        }
    }

    protected override Watcher NewSubscription(long fromVersion) => new WatchSubscription(this) { Key = Key, FromVersion = fromVersion };

    protected override void Enter(Watcher subscription) => Connection.Services.Engine.Watch(subscription);

    protected override void Leave(Watcher subscription) => Release(subscription);

    protected override void Release(Watcher subscription) => Connection.Services.Engine.Unwatch(subscription);

    private void GiveUp()
    {
        Refused(new Refusal(RefusalCode.Overloaded) { Detail = "the client reads too slowly" });
        if (IsEnded)
            Connection.Watches.ReleaseLater(this);
    }

    private static ServerMessage First(EntitySnapshot snapshot) => snapshot.IsResumed
        ? new ServerMessage { WatchResumed = new WatchResumed { Version = (ulong)snapshot.Version } }
        : new ServerMessage { Snapshot = ServerMessages.Snapshot(snapshot) };
}

/// <summary>The engine's side of an <see cref="EntityWatch"/>.</summary>
internal sealed class WatchSubscription(EntityWatch watch) : Watcher
{
    protected override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal) => watch.OnStarted(this, snapshot, refusal);

    protected override void OnChange(in EntityChange change) => watch.OnChange(this, change);

    protected override void OnLost() => watch.OnLost(this);
}
