using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

public sealed class FailoverTests
{
    [Fact]
    public void What_a_lost_connection_leaves_unanswered_is_sent_elsewhere_at_once_under_its_number() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Treat = message => message.Request == 2 ? Treatment.Ignore : Treatment.LoseAnswer;
        var logging = Task.WhenAll(client.Log(1, 1), client.Log(1, 2), client.Log(1, 3));
        await cluster[1].Next(message => message.Request == 3);
        cluster[1].IsDown = true;
        cluster[1].Break();
        var before = simulation.Time.Elapsed;
        await logging;
        (simulation.Time.Elapsed - before).ShouldBeLessThan(TimeSpan.FromMilliseconds(50));
        cluster[0].Units.Select(unit => unit.Request).ShouldBe([1UL, 2, 3]);
        cluster.Log(1).ToHashSet().Count.ShouldBe(3);
        cluster.Log(1).Length.ShouldBe(3, "each takes effect once");
    });

    [Fact]
    public void What_waits_for_room_in_the_window_goes_elsewhere_too() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync(options => options with { Window = 2 });
        cluster[1].Treat = _ => Treatment.Ignore;
        var logging = Task.WhenAll(Enumerable.Range(0, 6).Select(i => client.Log(1, i)));
        await cluster[1].Next(message => message.Request == 2);
        cluster[1].IsDown = true;
        cluster[1].Break();
        await logging;
        cluster.Log(1).ShouldBe([0, 1, 2, 3, 4, 5]);
    });

    [Fact]
    public void Losing_one_of_several_connections_is_no_loss_of_the_connection() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        var changes = new List<bool>();
        client.ConnectionChanged += change => changes.Add(change.IsConnected);
        cluster[0].Break();
        await client.Pay(0);
        changes.ShouldBeEmpty();
        client.IsConnected.ShouldBeTrue();
        cluster[0].IsDown = cluster[1].IsDown = true;
        cluster[0].Break();
        cluster[1].Break();
        await simulation.Delay(1);
        changes.ShouldBe([false]);
        cluster[1].IsDown = false;
        await client.Pay(0);
        changes.ShouldBe([false, true]);
    });

    [Fact]
    public void A_session_goes_on_over_another_node_when_its_own_is_gone() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        var id = FakeCluster.IdIn(1);
        var profile = await client.OpenAsync(id);
        await using var watched = await client.Store("profile").WatchAsync(id, TimeSpan.Zero);
        profile.Data.Gold += 5;
        cluster[1].Treat = message => message.Unit is null ? Treatment.Normal : Treatment.LoseAnswer;
        var saving = profile.SaveAsync();
        await cluster[1].NextUnit();
        cluster[1].IsDown = true;
        cluster[1].Break();
        await saving;
        cluster[0].Change(id, delta => delta.Increment("gold", 10));
        await simulation.Delay(0.1);
        (profile.Data.Gold, profile.IsActive).ShouldBe((15L, true));
        watched["gold"].ShouldBe(15);
        cluster[0].Entity(id)["gold"].ShouldBe(15);
        (profile.ChecksumMismatches, watched.ChecksumMismatches).ShouldBe((0, 0));
    });

    [Fact]
    public void A_watch_is_ended_where_it_is_although_its_shard_has_moved() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        var watched = await client.Store("profile").WatchAsync(FakeCluster.IdIn(1));
        cluster.Own(0, 0, 0, 0);
        await simulation.Delay(0.1);
        await watched.DisposeAsync();
        cluster[1].Requests.Count(request => request.Unwatch is not null).ShouldBe(1);
    });

    [Fact]
    public void A_node_that_comes_back_is_connected_to_again() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Break();
        await simulation.Delay(1);
        await client.Pay(1);
        cluster[1].Units.Count().ShouldBe(1);
    });

    [Fact]
    public void What_was_unanswered_for_nine_minutes_is_not_sent_to_another_node() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync(options => options with { RequestTimeout = TimeSpan.FromHours(1) });
        cluster[1].Treat = _ => Treatment.Ignore;
        var lost = client.Pay(1);
        await simulation.Delay(9.1 * 60);
        cluster[1].IsDown = true;
        cluster[1].Break();
        var error = await Expect.FailureAsync(lost);
        (error.Code, error.Outcome).ShouldBe((ErrorCodes.WriterExpired, RequestOutcome.Unknown));
        cluster[0].Units.ShouldBeEmpty();
        await client.Pay(1);
        cluster[0].Units.Single().Request.ShouldBe(2UL);
        await client.Pay(1);
        cluster[0].Frames[^1].ReceivedThrough.ShouldBe(2UL);
    });

    [Fact]
    public void The_first_endpoint_that_answers_is_taken() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation, nodes: 3);
        cluster[0].IsDown = cluster[1].IsDown = true;
        await using var client = await SeededAsync(cluster);
        await client.Pay(0);
        cluster[2].Units.Count().ShouldBe(1);
    });

    [Fact]
    public void Connecting_fails_when_no_endpoint_answers() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation, nodes: 3);
        foreach (var node in cluster.Nodes)
            node.IsDown = true;
        var error = await Expect.FailureAsync(SeededAsync(cluster));
        (error.Code, error.IsTransient).ShouldBe((ClientErrorCodes.ConnectFailed, true));
        cluster.Attempts.Select(attempt => attempt.Node).Order().ShouldBe([0, 1, 2]);
    });

    [Fact]
    public void A_client_with_one_connection_goes_to_another_endpoint_when_that_is_lost() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation, nodes: 3);
        await using var client = await SeededAsync(cluster, direct: false);
        var first = cluster.Attempts.Single().Node;
        cluster[first].Treat = _ => Treatment.LoseAnswer;
        var paying = client.Pay(0);
        await cluster[first].NextUnit();
        cluster[first].IsDown = true;
        cluster[first].Break();
        await paying;
        cluster.Attempts.Count.ShouldBe(2, "the one that was lost is tried last");
        cluster[0].Entity(FakeCluster.IdIn(0))["gold"].ShouldBe(1);
    });

    [Fact]
    public void When_all_endpoints_are_gone_the_nodes_of_the_map_are_tried() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation, nodes: 3);
        await using var client = await cluster.ConnectAsync();
        foreach (var node in cluster.Nodes)
        {
            node.IsDown = true;
            node.Break();
        }
        await simulation.Delay(10);
        cluster[2].IsDown = false;
        await client.Pay(0);
        cluster[2].Units.Count().ShouldBe(1);
    });

    [Fact]
    public void An_owner_that_can_not_be_reached_is_asked_through_another_node_and_tried_again_quietly() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        cluster.SetReachable(1, false);
        await using var client = await cluster.ConnectAsync();
        var failures = 0;
        client.HandlerFailed += _ => failures++;
        client.ConnectionChanged += _ => failures++;
        await client.Pay(1);
        cluster[0].Units.Count().ShouldBe(1);
        await simulation.Delay(300);
        (failures, client.IsCritical).ShouldBe((0, false));
        var attempts = cluster.Attempts.Where(attempt => attempt.Node == 1).Select(attempt => attempt.At.TotalSeconds).ToArray();
        attempts.Length.ShouldBeInRange(12, 30);
        (attempts[^1] - attempts[^2]).ShouldBeInRange(15, 30.1);
        cluster.SetReachable(1, true);
        await simulation.Delay(31);
        await client.Pay(1);
        cluster[1].Units.Count().ShouldBe(1);
    });

    [Fact]
    public void An_address_that_leads_to_another_node_is_not_taken_for_it() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation) { Address = _ => "ws://node-0/stream" };
        cluster.Own(0, 1, 0, 0);
        await using var client = await cluster.ConnectAsync();
        await simulation.Delay(10);
        await client.Pay(1);
        cluster[0].Connections.ShouldBe(1);
        cluster[0].Units.Count().ShouldBe(1);
        client.IsConnected.ShouldBeTrue();
    });

    [Fact]
    public void A_client_that_was_given_endpoints_with_TLS_does_not_send_its_secret_without() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync(options => options with { Endpoint = new Uri("wss://node-0/stream") });
        await simulation.Delay(60);
        cluster.Attempts.ShouldAllBe(attempt => attempt.Node == 0);
        cluster.Address = node => $"wss://node-{node}/stream";
        cluster.Own(1, 1, 1, 1);
        await simulation.Delay(1);
        cluster[1].Connections.ShouldBe(1);
    });

    [Fact]
    public void A_node_without_an_address_for_clients_is_left_alone() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation) { Address = node => node == 1 ? "" : $"ws://node-{node}/stream" };
        cluster.Own(1, 1, 1, 1);
        await using var client = await cluster.ConnectAsync();
        await client.Pay(1);
        cluster[0].Units.Count().ShouldBe(1);
    });

    [Fact]
    public void A_node_that_serves_another_database_is_not_used() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        cluster[1].Database = FakeServer.Bytes(9);
        await using var client = await cluster.ConnectAsync();
        await simulation.Delay(5);
        await client.Pay(1);
        cluster[0].Units.Count().ShouldBe(1);
        cluster[1].Units.ShouldBeEmpty();
    });

    private static Task<SavepointClient> SeededAsync(FakeCluster cluster, bool direct = true) => SavepointClient.ConnectAsync(cluster.Options with
    {
        Endpoint = null,
        Endpoints = [FakeCluster.Endpoint(0), FakeCluster.Endpoint(1), FakeCluster.Endpoint(2)],
        DirectConnections = direct,
    });
}
