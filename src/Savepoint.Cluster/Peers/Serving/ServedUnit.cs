using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Serving;

/// <summary>A unit that came over a link.</summary>
internal sealed class ServedUnit(ServedLink link, ulong id) : Unit
{
    protected internal override void Completed(Refusal? refusal)
    {
        if (refusal is null)
            link.Send(id, new PeerMessage { Committed = WireUnits.Committed(this) });
        else
            link.Refuse(id, refusal);
    }
}
