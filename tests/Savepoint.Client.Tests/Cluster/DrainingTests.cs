using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

public sealed class DrainingTests
{
    [Fact]
    public void What_a_node_that_goes_down_had_goes_on_elsewhere_at_once_and_no_session_ends() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        var id = FakeCluster.IdIn(1);
        var profile = await client.OpenAsync(id);
        var told = 0;
        client.Draining += _ => told++;
        client.ConnectionChanged += _ => told++;
        profile.SessionEnded += _ => told++;
        profile.Data.Gold += 5;
        cluster[1].Drain();
        var before = simulation.Time.Elapsed;
        await profile.SaveAsync();
        await client.Pay(1, 10);
        cluster[0].Change(id, delta => delta.Increment("gold", 100));
        await simulation.Delay(0.1);
        (simulation.Time.Elapsed - before).ShouldBeLessThan(TimeSpan.FromSeconds(1));
        (profile.Data.Gold, told).ShouldBe((115L, 0));
        cluster[1].Connections.ShouldBe(0, "the node needs not wait for the end of its grace period");
        profile.Data.Gold += 1;
        await profile.EndSessionAsync();
        cluster[0].Entity(id)["gold"].ShouldBe(116);
    });

    [Fact]
    public void What_was_sent_to_a_node_that_goes_down_is_waited_for_and_what_comes_after_is_held() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Treat = _ => Treatment.Hold;
        var first = client.Log(1, 1);
        await cluster[1].NextUnit();
        cluster[1].Drain();
        await simulation.Delay(0.1);
        var second = client.Log(1, 2);
        await simulation.Delay(0.1);
        cluster[0].Units.ShouldBeEmpty();
        cluster[1].Connections.ShouldBe(1);
        cluster[1].TakeHeld();
        await Task.WhenAll(first, second);
        cluster.Log(1).ShouldBe([1, 2]);
        await simulation.Delay(0.1);
        cluster[1].Connections.ShouldBe(0);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_node_that_goes_down_was_not_sent_yet_goes_before_what_is_held_for_the_move_of_its_shard(bool hasSent) => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync(options => options with { Window = hasSent ? 2 : 1 });
        foreach (var node in cluster.Nodes)
            node.Treat = _ => Treatment.Hold;
        var running = new List<Task>();
        if (hasSent)
            running.Add(client.Log(0, 0));
        running.Add(client.Log(1, 0));
        await cluster[1].NextUnit();
        running.Add(client.Log(0, 1));
        running.Add(client.Log(0, 2));
        cluster.Own(1, 1, 0, 1);
        await simulation.Delay(0.1);
        running.Add(client.Log(0, 3));
        running.Add(client.Log(0, 4));
        cluster[0].Drain();
        await simulation.Delay(0.1);
        running.Add(client.Log(0, 5));
        foreach (var node in cluster.Nodes)
        {
            node.Treat = _ => Treatment.Normal;
            node.TakeHeld();
        }
        await Task.WhenAll(running);
        cluster.Log(0).ShouldBe(hasSent ? [0, 1, 2, 3, 4, 5] : [1, 2, 3, 4, 5]);
        cluster[0].Units.Count().ShouldBe(hasSent ? 1 : 0);
    });

    [Fact]
    public void What_a_node_refuses_since_it_goes_down_is_asked_of_another() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Refusal = new Error { Code = ErrorCodes.ShuttingDown, Transient = true };
        cluster[1].Treat = message => message.Unit is null ? Treatment.Hold : Treatment.Refuse;
        var opening = client.OpenAsync(FakeCluster.IdIn(3));
        await cluster[1].Next(message => message.OpenSession is not null);
        cluster[1].Drain();
        var paying = client.Pay(1);
        cluster[1].TakeHeld();
        (await opening).IsActive.ShouldBeTrue();
        await paying;
        cluster[0].Requests.Select(request => request.Request).ShouldBe([1UL, 2], "under their numbers: the first node may have carried them out all the same");
        cluster[0].Entity(FakeCluster.IdIn(1))["gold"].ShouldBe(1);
    });

    [Fact]
    public void A_unit_that_is_refused_since_the_node_goes_down_is_sent_to_another_under_its_number() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Refusal = new Error { Code = ErrorCodes.ShuttingDown, Transient = true };
        cluster[1].Treat = _ => Treatment.Refuse;
        var paying = client.Pay(1);
        cluster[1].Drain();
        await paying;
        cluster[0].Units.Single().Request.ShouldBe(1UL);
    });

    [Fact]
    public void A_client_with_one_connection_finds_another_endpoint_before_that_one_is_gone() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync(options => options with
        {
            Endpoint = null,
            Endpoints = [FakeCluster.Endpoint(0), FakeCluster.Endpoint(1)],
            DirectConnections = false,
        });
        var first = cluster.Attempts.Single().Node;
        var profile = await client.OpenAsync();
        var told = 0;
        client.Draining += _ => told++;
        client.ConnectionChanged += _ => told++;
        cluster[first].Drain();
        await simulation.Delay(0.1);
        profile.Data.Gold += 5;
        await profile.SaveAsync();
        (told, profile.IsActive).ShouldBe((0, true));
        (cluster[first].Connections, cluster[1 - first].Connections).ShouldBe((0, 1));
    });

    [Fact]
    public void When_all_nodes_go_down_the_game_is_told() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        var told = Expect.Event<TimeSpan>(handler => client.Draining += handler);
        cluster[0].Drain();
        cluster[1].Drain();
        (await told).ShouldBe(TimeSpan.FromSeconds(10));
    });
}
