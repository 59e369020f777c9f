using System.Globalization;
using Savepoint.Client;
using Savepoint.Testing;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>
/// A cluster under load whose nodes are killed, paused for longer than their lease, and drained, and whose database is restarted and killed. A minute, or as
/// long as SAVEPOINT_TORTURE_SECONDS says; SAVEPOINT_TORTURE_SEED repeats the order of the faults.
/// </summary>
public sealed class TortureTests
{
    private const int Watched = 20;
    private const int BetweenFaults = 300;

    private static readonly Func<Torture, Task>[] Faults = [torture => torture.KillAsync(), torture => torture.PauseAsync(), torture => torture.DrainAsync(), torture => torture.RestartDatabaseAsync(), torture => torture.KillDatabaseAsync()];

    [Fact]
    public async Task Whatever_is_killed_paused_drained_or_restarted_every_acknowledged_change_is_there_exactly_once()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("SAVEPOINT_TORTURE_SEED") ?? $"{Environment.TickCount & 0xFFFF}", CultureInfo.InvariantCulture);
        var end = DateTime.UtcNow + TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("SAVEPOINT_TORTURE_SECONDS") ?? "60", CultureInfo.InvariantCulture));
        Console.WriteLine($"Torture: SAVEPOINT_TORTURE_SEED={seed}");
        await using var cluster = await TestCluster.StartAsync(3, ("Cluster__LeaseDuration", "00:00:03"), ("Cluster__RenewInterval", "00:00:00.5"));
        var random = new Random(seed);

        // Half of them go to the owners themselves, and half have everything passed on, each by another node.
        Task<SavepointClient> ConnectAsync(string name, int index, bool isDirect)
        {
            ServerProcess[] nodes = [.. cluster.Nodes.Skip(index), .. cluster.Nodes.Take(index)];
            return isDirect ? TestCluster.ConnectAsync(name, nodes) : TestCluster.ConnectThroughAsync(name, nodes);
        }

        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(index => ConnectAsync($"gs-{index}", index, isDirect: index % 2 == 0)));
        var counterClients = await Task.WhenAll(Enumerable.Range(0, 3).Select(index => ConnectAsync($"counters-{index}", index, isDirect: index % 2 == 1)));
        var counters = new CounterLoad(counterClients, seed, mayBeRefused: true, inFlight: 10);
        var transfers = new TransferLoad(clients, isCrossing: true, seed);
        var foreign = new ForeignLoad(cluster, clients: 4, seed);
        var sessions = new SessionLoad(clients, heroes: 6);
        var spectators = new Spectators();
        await spectators.WatchAsync(clients[0], Enumerable.Range(0, Watched).Select(index => $"counter-{index}"));
        Task[] running = [counters.RunAsync(), transfers.RunAsync(), foreign.RunAsync(), sessions.RunAsync()];

        var torture = new Torture(cluster, random);
        for (var round = 0; DateTime.UtcNow < end || round < Faults.Length; round++)
        {
            // All kinds of faults come in turn, also on a slow machine, and then in any order. Between them the cluster has to serve again.
            await counters.AcknowledgedAsync(random.Next(1, BetweenFaults));
            await Faults[round < Faults.Length ? round : random.Next(Faults.Length)](torture);
            await counters.AcknowledgedAsync(BetweenFaults);
        }

        await cluster.WaitUntilAllOwnAsync();
        counters.Stop();
        transfers.Stop();
        foreign.Stop();
        sessions.Stop();
        await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);

        await using var reader = await TestCluster.ConnectAsync("reader", cluster.Nodes[random.Next(3)]);
        await counters.CheckAsync(reader);
        await transfers.CheckAsync(reader);
        await foreign.CheckAsync(reader);
        sessions.Check();
        spectators.Check();
        (await cluster.JournalFaultsAsync()).ShouldBe("0", "of a shard's segments each goes on where the one before it ended, under the same epoch or a later one");
        foreach (var node in cluster.Nodes)
            (await node.HealthAsync(TestContext.Current.CancellationToken)).ShouldContain("\"status\":\"healthy\"", customMessage: node.Output);
        Console.WriteLine(
            $"Torture: {torture}. Acknowledged: {counters.Versions.Values.Sum(versions => versions.Count)} counts, {transfers.Acknowledged} transfers ({transfers.Refused} refused), "
            + $"{foreign.Acknowledged} foreign counts over {foreign.Connections} connections, {sessions.Hops} hops ({sessions.Interrupted} interrupted), {spectators.Seen} changes seen ({spectators.Jumps} jumps); "
            + $"{await cluster.QueryAsync("select count(*) || ' segments, highest epoch ' || max(epoch) || ', highest term ' || (select max(term) from leases) from journal")}.");
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    private sealed class Torture(TestCluster cluster, Random random)
    {
        private int _kills, _pauses, _drains, _restarts, _databaseKills;

        public async Task KillAsync()
        {
            var node = Victim();
            _kills++;
            await node.KillAsync();
            await node.StartAgainAsync(TestContext.Current.CancellationToken);
        }

        public async Task PauseAsync()
        {
            var index = random.Next(cluster.Nodes.Count);
            _pauses++;
            cluster.Nodes[index].Pause();
            try
            {
                await cluster.WaitUntilAsync("a paused node owns nothing", $"select count(*) from leases join nodes using (node_id) where name = 'node-{index + 1}'", "0");
            }
            finally
            {
                cluster.Nodes[index].Resume();
            }

            await cluster.WaitUntilAllOwnAsync();
        }

        public async Task DrainAsync()
        {
            var node = Victim();
            _drains++;
            (await node.TerminateAsync(TestContext.Current.CancellationToken)).ShouldBe(0, node.Output);
            await node.StartAgainAsync(TestContext.Current.CancellationToken);
        }

        public async Task RestartDatabaseAsync()
        {
            _restarts++;
            await cluster.Postgres.StopAsync();
            await cluster.Postgres.StartAgainAsync(TestContext.Current.CancellationToken);
        }

        public async Task KillDatabaseAsync()
        {
            _databaseKills++;
            await cluster.Postgres.KillAsync();
            await cluster.Postgres.StartAgainAsync(TestContext.Current.CancellationToken);
        }

        public override string ToString() => $"{_kills} kills, {_pauses} pauses, {_drains} drains, {_restarts} database restarts, {_databaseKills} database kills";

        private ServerProcess Victim() => cluster.Nodes[random.Next(cluster.Nodes.Count)];
    }
}
