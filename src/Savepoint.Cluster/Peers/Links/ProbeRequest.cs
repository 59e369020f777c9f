using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Links;

/// <summary>Asks a node whether it serves a shard.</summary>
internal sealed class ProbeRequest(int shard) : LinkRequest
{
    /// <summary>Set when there is an answer, or won't be.</summary>
    public AsyncSignal Ended { get; } = new();

    public bool IsServed { get; private set; }

    /// <summary>What it says instead.</summary>
    public PeerRefusal? Refusal { get; private set; }

    public override bool IsUrgent => true;

    public override PeerMessage Write() => new() { Probe = new PeerProbe { Shard = shard } };

    public override void Take(PeerMessage message)
    {
        IsServed = message.BodyCase == PeerMessage.BodyOneofCase.Serving;
        Refusal = message.Refusal;
        Ended.Set();
    }

    public override void Broken(bool mayHaveArrived, string reason) => Ended.Set();
}
