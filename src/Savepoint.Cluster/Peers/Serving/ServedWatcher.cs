using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Serving;

/// <summary>A watch that came over a link.</summary>
internal sealed class ServedWatcher(ServedLink link, ulong id) : Watcher
{
    protected internal override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal)
    {
        if (refusal is not null)
        {
            if (link.Forget(id))
                link.Refuse(id, refusal);
        }
        else if (!link.TrySend(id, new PeerMessage { Started = new PeerStarted { Snapshot = WireWatches.Of(snapshot) } }))
        {
            link.GiveUp(id, this);
        }
    }

    protected internal override void OnChange(in EntityChange change)
    {
        if (!IsGone && !link.TrySendChange(id, change))
            link.Lose(id, this);
    }

    protected internal override void OnLost()
    {
        if (link.Forget(id))
            link.Send(id, new PeerMessage { Lost = new PeerLost() });
    }
}
