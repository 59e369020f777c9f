using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Routing;

/// <summary>A watch on its way to the owner of its entity's shard, and at it.</summary>
internal class RoutedWatch(RoutedEngine router, int shard, Watcher watcher) : RoutedRequest(router, shard)
{
    public override bool IsRepeatable => true;

    public override bool IsGone => watcher.IsGone;

    public override void SubmitTo(StateEngine engine) => engine.Watch(watcher);

    public override void Refuse(Refusal refusal) => watcher.AnswerWith(refusal with { Key = watcher.Key });

    public override PeerMessage Write() => new()
    {
        Watch = new PeerWatch { Kind = watcher.Key.Kind, Id = watcher.Key.Id, FromVersion = watcher.FromVersion },
    };

    /// <summary>Nobody wants it any more.</summary>
    public virtual void Leave() => Link?.Leave(this, new PeerMessage { Unwatch = new PeerUnwatch() });

    public override bool EndsWith(PeerMessage message) => message.BodyCase is PeerMessage.BodyOneofCase.Refusal or PeerMessage.BodyOneofCase.Lost;

    public override void Broken(bool mayHaveArrived, string reason)
    {
        if (watcher.IsStarted)
            watcher.Lose();
        else
            base.Broken(mayHaveArrived, reason);
    }

    protected override void TakeAnswer(PeerMessage message)
    {
        switch (message.BodyCase)
        {
            case PeerMessage.BodyOneofCase.Started:
                watcher.IsStarted = true;
                watcher.OnStarted(WireWatches.Read(message.Started.Snapshot, watcher.Key), null);
                break;
            case PeerMessage.BodyOneofCase.Change:
                watcher.OnChange(WireWatches.Read(message.Change, watcher.Key));
                break;
            case PeerMessage.BodyOneofCase.Lost:
                watcher.Lose();
                break;
            default:
                throw Unexpected(message);
        }
    }
}
