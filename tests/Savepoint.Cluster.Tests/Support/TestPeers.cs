namespace Savepoint.Cluster.Tests;

/// <summary>Carries calls between nodes, each way in a millisecond; unless they are cut off, when none is answered.</summary>
internal sealed class TestPeers(SimulatedWorld world)
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(1);

    private readonly SimulatedWorld _world = world;
    private readonly Dictionary<Guid, TestNode> _nodes = [];

    /// <summary>Whether calls get lost.</summary>
    public bool AreCut { get; set; }

    /// <summary>Whether calls that tell a node to take a shard get lost.</summary>
    public bool LoseTakes { get; set; }

    public int Calls { get; private set; }

    public IPeers Connect(TestNode node)
    {
        _nodes[node.Self.Id] = node;
        return new Connection(this, node);
    }

    private sealed class Connection(TestPeers peers, TestNode node) : IPeers
    {
        public async ValueTask<ReadOnlyMemory<byte>> CallAsync(ClusterNode to, PeerCall kind, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
        {
            peers.Calls++;
            kind.ShouldBe(PeerCall.HandOver);
            var answered = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
            using var givingUp = cancellationToken.Register(() => answered.TrySetCanceled(cancellationToken));
            if (!peers._nodes.TryGetValue(to.Id, out var other) || !other.Process.IsAlive)
                throw new IOException($"{to.Name} does not answer");
            if (!peers.AreCut && !(peers.LoseTakes && request.Span[1] == 2))
                peers._world.After(Latency, () => other.Process.Start(AnswerAsync));
            return await answered.Task;

            async Task AnswerAsync()
            {
                var answer = await other.Member.AnswerAsync(request, CancellationToken.None);
                peers._world.After(Latency, () => node.Process.Post(() => answered.TrySetResult(answer)));
            }
        }
    }
}
