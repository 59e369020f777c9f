using Savepoint.Engine;
using Savepoint.Engine.Ownership;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>
/// What makes a node one of several: it renews its lease, and takes, hands over and drops shards as the table says. In this order, each time:
/// 1. note the time, and ask the table;
/// 2. drop what is another's by now, so that nothing of it is answered under the lease to come;
/// 3. let the lease last from the time that was noted;
/// 4. begin to take what is new, and to hand over what is to move.
/// </summary>
internal sealed class ClusterMember(Node node, LeaseTable table, SimulationPace pace, Random random)
{
    // The node's clock may go wrong by a thousandth.
    private const double SurePart = 0.99;

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);

    private readonly HashSet<int> _underWay = [];

    private StateEngine Engine => node.Engine;

    private ProcessClock Time => node.Process.Time;

    /// <summary>Goes on while the process lives. Called in it.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            var sent = Time.GetTimestamp();
            await TravelAsync();
            var (own, leaving) = table.Renew(node);
            await TravelAsync();
            Follow(sent, own, leaving);
            await Task.Delay(pace.Scale(RenewEvery), Time);
        }
    }

    private void Follow(long sent, int[] own, int[] leaving)
    {
        Engine.DropShards([.. Enumerable.Range(0, table.Shards).Except(own)]);
        Engine.ExtendLease(sent, SurePart * table.Duration);

        // It may have slept since: then what it was told is long over.
        if (Time.GetElapsedTime(sent) > SurePart * table.Duration)
            return;
        var snapshot = Engine.Snapshot();
        Begin(TakeAsync, own.Except(leaving).Except(snapshot.ServedShards));
        Begin(ReleaseAsync, leaving.Concat(snapshot.FailedShards.Keys.Except(own)));
    }

    private void Begin(Func<int, Task> move, IEnumerable<int> shards)
    {
        foreach (var shard in shards)
        {
            if (_underWay.Add(shard))
                _ = MoveAsync(move, shard);
        }
    }

    private async Task MoveAsync(Func<int, Task> move, int shard)
    {
        await move(shard);
        _underWay.Remove(shard);
    }

    private async Task TakeAsync(int shard)
    {
        var taken = (await Engine.TakeShardsAsync([shard], CancellationToken.None))[0];
        node.Note($"takes shard {shard}: {taken.Outcome}");
    }

    private async Task ReleaseAsync(int shard)
    {
        foreach (var released in await Engine.ReleaseShardsAsync([shard], CancellationToken.None))
            node.Note($"has handed shard {released.Shard} over at {released.LastSequence}{(released.IsCheckpointed ? "" : ", not checkpointed")}");
        await TravelAsync();
        table.Free(node, shard);
    }

    private Task TravelAsync() => Task.Delay(pace.Scale(TimeSpan.FromMilliseconds(random.Next(1, random.Next(10) == 0 ? 1500 : 20))), Time);
}
