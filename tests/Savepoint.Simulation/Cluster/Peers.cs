using Savepoint.Cluster;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>What nodes ask each other, over a wire that loses and doubles.</summary>
internal sealed class Peers(Func<Wire> wire)
{
    private readonly Func<Wire> _wire = wire;
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, (SimulatedProcess Process, PeerAnswer Answer)> _nodes = [];

    /// <summary>What a node calls others by.</summary>
    public IPeers Connect(SimulatedProcess process) => new Connection(this, process);

    /// <summary>Lets a node answer.</summary>
    public void Listen(ClusterNode node, SimulatedProcess process, PeerAnswer answer)
    {
        lock (_gate)
            _nodes[node.Id] = (process, answer);
    }

    private bool TryFind(ClusterNode node, out (SimulatedProcess Process, PeerAnswer Answer) found)
    {
        lock (_gate)
            return _nodes.TryGetValue(node.Id, out found) && found.Process.IsAlive;
    }

    private sealed class Connection(Peers peers, SimulatedProcess process) : IPeers
    {
        public async ValueTask<ReadOnlyMemory<byte>> CallAsync(ClusterNode node, PeerCall kind, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
        {
            var answered = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!peers.TryFind(node, out var other))
                throw new IOException($"{node.Name} does not listen");
            var wire = peers._wire();
            wire.Send(other.Process, () => _ = AnswerAsync());
            using var givingUp = cancellationToken.Register(() => answered.TrySetCanceled(cancellationToken));
            return await answered.Task;

            async Task AnswerAsync()
            {
                var answer = await other.Answer(request, CancellationToken.None);
                wire.Send(process, () => answered.TrySetResult(answer));
            }
        }
    }
}
