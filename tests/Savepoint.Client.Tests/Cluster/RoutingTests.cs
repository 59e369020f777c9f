using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

public sealed class RoutingTests
{
    [Fact]
    public void Each_request_goes_to_the_owner_of_its_shard_under_one_numbering() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        for (var shard = 0; shard < FakeCluster.Shards; shard++)
            await client.Pay(shard);
        cluster[0].Units.Select(unit => (unit.Request, unit.Unit.Mutations[0].Id)).ShouldBe([(1UL, FakeCluster.IdIn(0)), (3, FakeCluster.IdIn(2))]);
        cluster[1].Units.Select(unit => (unit.Request, unit.Unit.Mutations[0].Id)).ShouldBe([(2UL, FakeCluster.IdIn(1)), (4, FakeCluster.IdIn(3))]);
        cluster[1].Hellos.Single().Writer.ShouldBe(FakeServer.Bytes(100), "both see the same writer");
    });

    [Fact]
    public void Sessions_watches_and_reads_go_to_the_owner_too() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        var id = FakeCluster.IdIn(1);
        var profile = await client.OpenAsync(id);
        await using var watched = await client.Store("profile").WatchAsync(id, TimeSpan.Zero);
        profile.Data.Gold += 5;
        await profile.SaveAsync();
        (await client.Store("profile").ViewAsync(id)).ShouldNotBeNull()["gold"].ShouldBe(5);
        watched["gold"].ShouldBe(5);
        await watched.DisposeAsync();
        await profile.EndSessionAsync();
        cluster[0].Requests.ShouldBeEmpty();
        cluster[1].Requests.Count.ShouldBe(6);
    });

    [Fact]
    public void What_only_the_server_can_place_goes_to_the_first_connection() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        await client.TransactAsync(t => t.Change("character", FakeCluster.IdIn(1), d => d.Increment("gold", 1)));
        cluster[0].Units.Count().ShouldBe(1);
    });

    [Fact]
    public void A_transaction_goes_to_the_owner_of_the_first_profile_that_can_be_placed() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        await client.TransactAsync(t => t
            .Change("character", FakeCluster.IdIn(0), d => d.Increment("gold", 1))
            .Change("profile", FakeCluster.IdIn(1), d => d.Increment("gold", 1))
            .Change("profile", FakeCluster.IdIn(2), d => d.Increment("gold", 1)));
        cluster[1].Units.Count().ShouldBe(1);
    });

    [Fact]
    public void Until_a_shard_that_moves_has_all_its_answers_nothing_new_is_sent_for_it() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        cluster[0].Treat = _ => Treatment.Hold;
        var first = client.Log(0, 1);
        var second = client.Log(0, 2);
        await cluster[0].Next(message => message.Request == 2);
        cluster.Own(1, 1, 0, 1);
        await simulation.Delay(0.1);
        var third = client.Log(0, 3);
        var other = client.Log(1, 1);
        await other;
        cluster[1].Units.Count().ShouldBe(1, "other shards go on meanwhile");
        cluster[0].TakeHeld();
        await Task.WhenAll(first, second, third);
        cluster[0].Units.Select(unit => unit.Request).ShouldBe([1UL, 2]);
        cluster[1].Units.Count().ShouldBe(2);
        cluster.Log(0).ShouldBe([1, 2, 3]);
    });

    [Fact]
    public void A_transaction_holds_back_the_move_of_every_shard_that_it_changes() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        cluster[0].Treat = _ => Treatment.Hold;
        var trade = client.TransactAsync(t => t
            .Change("profile", FakeCluster.IdIn(0), d => d.Increment("gold", 1))
            .Change("profile", FakeCluster.IdIn(2), d => d.Set("entry", 1)));
        await cluster[0].NextUnit();
        cluster.Own(0, 1, 1, 1);
        await simulation.Delay(0.1);
        var later = client.Log(2, 2);
        await simulation.Delay(0.1);
        cluster[1].Units.ShouldBeEmpty();
        cluster[0].TakeHeld();
        await Task.WhenAll(trade, later);
        cluster.Log(2).ShouldBe([1, 2]);
        cluster[1].Units.Count().ShouldBe(1);
    });

    [Fact]
    public void A_map_that_is_older_changes_nothing() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        var old = cluster.Map();
        await using var client = await cluster.ConnectAsync();
        cluster.Own(1, 1, 1, 1);
        await simulation.Delay(0.1);
        cluster[0].Tell(old);
        await simulation.Delay(0.1);
        await client.Pay(0);
        cluster[1].Units.Count().ShouldBe(1);
    });

    [Fact]
    public void A_shard_that_nobody_owns_is_asked_for_where_there_is_a_connection() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        cluster.Own(0, -1, 0, 1);
        await simulation.Delay(0.1);
        await client.Pay(1);
        cluster[0].Units.Count().ShouldBe(1);
    });

    [Fact]
    public void What_was_received_is_counted_over_all_connections() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        cluster[0].Treat = _ => Treatment.Hold;
        var first = client.Pay(0);
        await client.Pay(1);
        await client.Pay(1);
        cluster[1].Frames[^1].ReceivedThrough.ShouldBe(0UL, "the other node must not forget what may be sent to it again");
        cluster[0].TakeHeld();
        await first;
        await client.Pay(1);
        cluster[1].Frames[^1].ReceivedThrough.ShouldBe(3UL);
    });

    [Fact]
    public void The_window_is_one_for_all_connections() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync(options => options with { Window = 4 });
        foreach (var node in cluster.Nodes)
            node.Treat = _ => Treatment.Hold;
        var paying = Task.WhenAll(Enumerable.Range(0, 12).Select(i => client.Pay(i % 4)));
        await simulation.Delay(1);
        cluster.Nodes.Sum(node => node.Units.Count()).ShouldBe(4);
        foreach (var node in cluster.Nodes)
        {
            node.Treat = _ => Treatment.Normal;
            node.TakeHeld();
        }
        await paying;
        cluster.Nodes.Sum(node => node.Units.Count()).ShouldBe(12);
    });

    [Fact]
    public void A_player_has_one_connection_and_asks_for_no_map() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync(options => options with { Credentials = new PlayerToken(_ => new ValueTask<string>("token")) });
        await client.Pay(1);
        cluster[0].Hellos.Single().ShardMap.ShouldBeFalse();
        cluster[0].Units.Count().ShouldBe(1);
        cluster[1].Hellos.ShouldBeEmpty();
    });

    [Fact]
    public void Direct_connections_can_be_switched_off() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync(options => options with { DirectConnections = false });
        await client.Pay(1);
        cluster[0].Hellos.Single().ShardMap.ShouldBeFalse();
        cluster[1].Hellos.ShouldBeEmpty();
    });
}
