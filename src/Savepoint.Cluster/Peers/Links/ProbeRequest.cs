using Savepoint.Cluster.Peers.Messages;

namespace Savepoint.Cluster.Peers.Links;

/// <summary>Asks a node whether it serves a shard.</summary>
internal sealed class ProbeRequest(int shard) : LinkRequest
{
    private readonly TaskCompletionSource<PeerRefusal?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null when it does; else what it says instead.</summary>
    public Task<PeerRefusal?> Answer => _answer.Task;

    public override bool IsUrgent => true;

    public override PeerMessage Write() => new() { Probe = new PeerProbe { Shard = shard } };

    public override void Take(PeerMessage message) =>
        _answer.TrySetResult(message.BodyCase == PeerMessage.BodyOneofCase.Serving ? null : message.Refusal ?? new PeerRefusal { Shard = -1 });

    public override void Broken(bool mayHaveArrived, string reason) => _answer.TrySetResult(new PeerRefusal { Shard = -1 });
}
