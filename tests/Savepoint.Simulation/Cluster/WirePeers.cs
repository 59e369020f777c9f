using System.IO;
using Savepoint.Engine.Spanning;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>What carries the steps of units between nodes: it loses, doubles and reorders them, and now and then asks somebody who is not the owner.</summary>
internal sealed class WirePeers(SimulatedProcess from, Cluster cluster, Wire wire, Random random) : IShardPeers
{
    private readonly Lock _gate = new();

    public async ValueTask<ReadOnlyMemory<byte>> CallAsync(int shard, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        Node? owner;
        lock (_gate)
            owner = cluster.Choose(random, shard);
        if (owner is not { Process.IsAlive: true })
            throw new IOException("The owner is not known, or dead.");
        var answer = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var givingUp = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        wire.Send(owner.Process, () => _ = AnswerAsync(owner, request, answer));
        return await answer.Task;
    }

    public void Doubt(int shard)
    {
        // The next call is for whoever owns it then.
    }

    /// <summary>Runs where the owner is.</summary>
    private async Task AnswerAsync(Node owner, ReadOnlyMemory<byte> request, TaskCompletionSource<ReadOnlyMemory<byte>> answer)
    {
        var said = await owner.Engine.AnswerAsync(request, CancellationToken.None);
        wire.Send(from, () => answer.TrySetResult(said));
    }
}
