using System.IO;
using Savepoint.Engine.Spanning;

namespace Savepoint.Engine.Tests;

/// <summary>
/// What carries the steps of units between the nodes of a world: it delays, loses, doubles and reorders them as it is told to, and counts them, so that a
/// story can be ended at any of them.
/// </summary>
internal sealed class Links(World world)
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    /// <summary>Whether there are any: without, units over several nodes are refused, as by a server alone.</summary>
    public bool AreOpen { get; set; }

    /// <summary>Who is asked for each shard.</summary>
    public Node?[] Owners { get; } = new Node?[World.Shards];

    /// <summary>Which of a hundred requests, and of as many answers, are lost.</summary>
    public int LostPercent { get; set; }

    /// <summary>Which of a hundred requests are delivered once more, later.</summary>
    public int DoubledPercent { get; set; }

    public int MostDelayMs { get; set; } = 2;

    /// <summary>Requests that were sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Moments passed: one before a request is delivered, and one before its answer is.</summary>
    public int Passed { get; private set; }

    /// <summary>What happens at each moment, which is numbered from 0.</summary>
    public Action<int>? At { get; set; }

    /// <summary>Holds back what fits until it completes.</summary>
    public Func<int, byte[], Task>? HoldBack { get; set; }

    public IShardPeers? From(Node node) => AreOpen ? new Link(this, node) : null;

    private async ValueTask<ReadOnlyMemory<byte>> CallAsync(Node from, int shard, byte[] request, CancellationToken cancellationToken)
    {
        await AliveAsync(from);
        Sent++;
        var answer = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var givingUp = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        _ = DeliverAsync(from, shard, request, answer);
        if (Happens(DoubledPercent))
            _ = DeliverAsync(from, shard, request, answer);
        try
        {
            return await answer.Task;
        }
        finally
        {
            await AliveAsync(from);
        }
    }

    private async Task DeliverAsync(Node from, int shard, byte[] request, TaskCompletionSource<ReadOnlyMemory<byte>> answer)
    {
        await TravelAsync();
        if (HoldBack is { } holdBack)
            await holdBack(shard, request);
        At?.Invoke(Passed++);
        if (from.Crashes.IsDead || Happens(LostPercent))
            return;
        var owner = Owners[shard];
        if (owner is null || owner.Crashes.IsDead)
        {
            answer.TrySetException(new IOException("the owner can't be reached"));
            return;
        }

        var said = await owner.Engine.AnswerAsync(request, CancellationToken.None);
        await AliveAsync(owner);
        await TravelAsync();
        At?.Invoke(Passed++);
        if (!Happens(LostPercent))
            answer.TrySetResult(said);
    }

    private bool Happens(int percent) => percent > 0 && world.Random.Next(100) < percent;

    private Task TravelAsync() => Task.Delay(TimeSpan.FromMilliseconds(world.Random.Next(1, MostDelayMs + 1)), world.Time);

    private static Task AliveAsync(Node node) => node.Crashes.IsDead ? Never : Task.CompletedTask;

    private sealed class Link(Links links, Node from) : IShardPeers
    {
        public ValueTask<ReadOnlyMemory<byte>> CallAsync(int shard, ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
            links.CallAsync(from, shard, request.ToArray(), cancellationToken);

        public void Doubt(int shard)
        {
            // The next call is for whoever owns it then.
        }
    }
}
