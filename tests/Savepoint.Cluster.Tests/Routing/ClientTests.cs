using Savepoint.Client;

namespace Savepoint.Cluster.Tests.Routing;

/// <summary>Game servers and players, with the SDK as it is, at nodes that do not own what they ask for.</summary>
public sealed class ClientTests
{
    private static readonly string Ada = TestCluster.KeyIn(1).Id;

    [Fact]
    public void A_session_moves_between_game_servers_at_two_gateways_in_under_a_second() => TestCluster.Run(async cluster =>
    {
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var first = await ConnectAsync(cluster, await cluster.StartAsync("east"), "server-1");
        var second = await ConnectAsync(cluster, await cluster.StartAsync("west"), "server-2");
        var ada = (await first.Store<Player>("profile").OpenSessionAsync(Ada)).ProfileOrThrow();
        ada.Data.Gold += 50;
        var start = cluster.Elapsed;
        var next = (await second.Store<Player>("profile").OpenSessionAsync(Ada)).ProfileOrThrow();
        (cluster.Elapsed - start).ShouldBeLessThan(TimeSpan.FromSeconds(1));
        next.Data.Gold.ShouldBe(150);
        await cluster.Until(() => !ada.IsActive, "the first knows that it is over");
    });

    [Fact]
    public void A_game_server_keeps_its_session_and_its_changes_over_hand_overs_and_crashes() => TestCluster.Run(
        async cluster =>
        {
            var first = await cluster.StartAsync("first", 0, 1, 2, 3);
            var second = await cluster.StartAsync("second");
            var third = await cluster.StartAsync("third");
            var gateway = await cluster.StartAsync("gateway");
            var client = await ConnectAsync(cluster, gateway, "server-1");
            var player = await ConnectAsync(cluster, gateway, "viewer");
            var ada = (await client.Store<Player>("profile").OpenSessionAsync(Ada)).ProfileOrThrow();
            var watched = await player.Store<Player>("profile").WatchAsync(Ada, TimeSpan.Zero);
            var failures = 0;
            ada.ChangeRefused += _ => failures++;
            var playing = PlayAsync();
            await cluster.Delay(300);
            await cluster.MoveAsync(1, first, second);
            await cluster.Delay(300);
            await cluster.MoveAsync(1, second, third);
            await cluster.Delay(300);
            third.Process.Crash();
            await cluster.Delay(5_000);
            await first.TakeAsync(1);
            await playing;
            (ada.IsActive, failures).ShouldBe((true, 0));
            await ada.EndSessionAsync();
            var view = await player.Store<Player>("profile").ViewAsync(Ada);
            view!.Data.Gold.ShouldBe(300);
            await cluster.Until(() => watched.Data.Gold == 300, "the watcher sees all");

            async Task PlayAsync()
            {
                for (var i = 0; i < 200; i++)
                {
                    ada.Data.Gold += 1;
                    if (i % 10 == 9)
                        await ada.SaveAsync();
                    else
                        await cluster.Delay(10);
                }
            }
        },
        seeds: 5);

    [Fact]
    public void Many_clients_of_a_gateway_share_one_link_to_each_owner() => TestCluster.Run(
        async cluster =>
        {
            await cluster.StartAsync("first", 0, 1);
            await cluster.StartAsync("second", 2);
            await cluster.StartAsync("third", 3);
            var gateway = await cluster.StartAsync("gateway");
            var before = cluster.Network.Connections;
            for (var i = 0; i < 100; i++)
            {
                var client = await ConnectAsync(cluster, gateway, $"server-{i}");
                (await client.Store<Player>("profile").OpenSessionAsync($"user-{i}")).ProfileOrThrow().Data.Gold += 1;
            }

            gateway.Server.Links!.Snapshot().Count.ShouldBe(3);
            (cluster.Network.Connections - before).ShouldBe(103);
        },
        seeds: 1);

    private static async Task<SavepointClient> ConnectAsync(TestCluster cluster, TestNode node, string name)
    {
        var process = cluster.World.NewProcess(name, isOrdered: true);
        var connected = new TaskCompletionSource<SavepointClient>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Start(async () => connected.SetResult(await SimulatedClient.ConnectAsync(
            process, cluster.Network, () => node.Server.Listener, SimulatedClient.GameServer(name), cluster.World.NewRandom())));
        return await connected.Task;
    }
}
