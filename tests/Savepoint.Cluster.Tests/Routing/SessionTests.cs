using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests.Routing;

public sealed class SessionTests
{
    private static readonly EntityKey Ada = RoutedCluster.KeyIn(1);

    [Fact]
    public void A_session_is_asked_for_and_handed_over_through_two_edges_in_under_a_second() => RoutedCluster.Run(async cluster =>
    {
        var (_, east, west) = await StartAsync(cluster);
        var holder = east.Open(Holder.By(1, 1, Ada));
        await cluster.Until(() => holder.Session > 0, "the first has it");
        (await east.Submit(TestUnit.By(1, 2, TestUnit.Add(Ada, "n", 1) with { Session = holder.Session })).Answer).ShouldBeNull();

        var start = cluster.Elapsed;
        var waiter = west.Open(Holder.By(2, 1, Ada));
        await cluster.Until(() => holder.Log.Contains("requested by server-2"), "the holder hears of the wish");
        (await east.Submit(TestUnit.By(1, 3, EndOf(Ada, holder.Session))).Answer).ShouldBeNull();
        await cluster.Until(() => waiter.IsAnswered, "the waiter has it");
        (cluster.Elapsed - start).ShouldBeLessThan(TimeSpan.FromSeconds(1));
        waiter.Log.ShouldBe(["opened 2"]);
        (await east.Submit(TestUnit.By(1, 4, TestUnit.Add(Ada, "n", 1) with { Session = holder.Session })).Answer)!.Code.ShouldBe(RefusalCode.SessionLost);
        (await west.Submit(TestUnit.By(2, 2, TestUnit.Add(Ada, "n", 1) with { Session = waiter.Session })).Answer).ShouldBeNull();
    });

    [Fact]
    public void All_policies_messages_and_ends_come_through() => RoutedCluster.Run(async cluster =>
    {
        var (_, east, west) = await StartAsync(cluster);
        var holder = east.Open(Holder.By(1, 1, Ada));
        await cluster.Until(() => holder.Session > 0, "the first has it");
        var failed = west.Open(Holder.By(2, 1, Ada, SessionConflictPolicy.Fail));
        await cluster.Until(() => failed.IsAnswered, "the second is told who has it");
        failed.Log.ShouldBe(["held by server-1"]);
        var message = new TestUnit { Actor = "player:bob", Mutations = [new Mutation { Key = Ada, Kind = MutationKind.Message, Payload = Documents.DocumentJson.Parse("""{"hi":1}""").ToBytes() }] };
        (await west.Submit(message).Answer).ShouldBeNull();
        message.Version.ShouldBe(1);
        await cluster.Until(() => holder.Log.Contains("message 1 from player:bob"), "the holder gets the message");
        var thief = west.Open(Holder.By(3, 1, Ada, SessionConflictPolicy.Steal));
        await cluster.Until(() => thief.Session > 0 && holder.Log.Count > 2, "the session is stolen");
        holder.Log[^1].ShouldBe("ended Stolen server-3");
        thief.Opening!.Value.Messages.Single().Sender.ShouldBe("player:bob");
    });

    [Fact]
    public void The_holder_is_connected_while_its_link_lives_and_has_its_lease_from_then_on() => RoutedCluster.Run(async cluster =>
    {
        var (_, east, west) = await StartAsync(cluster);
        var holder = east.Open(Holder.By(1, 1, Ada));
        await cluster.Until(() => holder.Session > 0, "the first has it");
        var waiter = west.Open(Holder.By(2, 1, Ada));
        await cluster.Delay(60_000);
        waiter.IsAnswered.ShouldBeFalse();
        east.Process.Crash();
        var start = cluster.Elapsed;
        await cluster.Until(() => waiter.Session > 0, "the lease runs out");
        (cluster.Elapsed - start).ShouldBeInRange(TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(36));
    });

    [Fact]
    public void A_holder_that_leaves_its_edge_has_its_lease_from_then_on() => RoutedCluster.Run(async cluster =>
    {
        var (_, east, west) = await StartAsync(cluster);
        var holder = east.Open(Holder.By(1, 1, Ada));
        await cluster.Until(() => holder.Session > 0, "the first has it");
        east.Disconnect(holder);
        var start = cluster.Elapsed;
        var waiter = west.Open(Holder.By(2, 1, Ada));
        await cluster.Until(() => waiter.Session > 0, "the lease runs out");
        (cluster.Elapsed - start).ShouldBeInRange(TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(33));
        east.Server.Links!.Snapshot().Single().Watches.ShouldBe(0);
    });

    [Fact]
    public void A_session_that_is_ended_over_another_edge_is_gone_from_the_first() => RoutedCluster.Run(async cluster =>
    {
        var (owner, east, west) = await StartAsync(cluster);
        var holder = east.Open(Holder.By(1, 1, Ada));
        await cluster.Until(() => holder.Session > 0, "the first has it");
        (await west.Submit(TestUnit.By(1, 2, EndOf(Ada, holder.Session))).Answer).ShouldBeNull();
        await cluster.Until(() => east.Server.Links!.Snapshot().Single().Watches == 0, "it is let go of");
        holder.Log.ShouldBe(["opened 1"], "it was its own wish");
        owner.Server.Engine.Snapshot().Watchers.ShouldBe(0);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_holder_that_came_back_in_vain_and_left_has_its_lease_from_then_on(bool isAtOwner) => RoutedCluster.Run(async cluster =>
    {
        var (owner, east, west) = await StartAsync(cluster);
        east = isAtOwner ? owner : east;
        var holder = east.Open(Holder.By(1, 1, Ada));
        await cluster.Until(() => holder.Session > 0, "the first has it");

        // Its connection was too slow, and the engine refuses it when it joins again: what is attached is still the earlier one.
        var again = holder.Again(session: 99, from: 0);
        east.Open(again);
        await cluster.Until(() => again.IsAnswered, "it is refused");
        again.Log.ShouldBe(["refused SessionLost"]);
        east.Disconnect(again);
        var waiter = west.Open(Holder.By(2, 1, Ada));
        await cluster.Until(() => waiter.Session > 0, "the lease runs out");
        owner.Server.Engine.Snapshot().Sessions.ShouldBe(1);
    });

    [Fact]
    public void A_holder_that_joins_again_takes_the_place_of_the_one_before() => RoutedCluster.Run(async cluster =>
    {
        var (owner, east, _) = await StartAsync(cluster);
        var holder = east.Open(Holder.By(1, 1, Ada));
        await cluster.Until(() => holder.Session > 0, "the first has it");
        for (var i = 0; i < 5; i++)
        {
            holder = holder.Again(1, from: 1);
            east.Open(holder);
            await cluster.Until(() => holder.IsAnswered, "it has joined");
            holder.Log.ShouldBe(["resumed 1"]);
        }

        (east.Server.Links!.Snapshot().Single().Watches, owner.Server.Engine.Snapshot().Watchers).ShouldBe((1, 1));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_session_goes_on_at_the_next_owner(bool isCrash) => RoutedCluster.Run(async cluster =>
    {
        var (owner, east, west) = await StartAsync(cluster);
        var second = await cluster.StartAsync("second");
        var holder = east.Open(Holder.By(1, 1, Ada));
        await cluster.Until(() => holder.Session > 0, "the first has it");
        var waiter = west.Open(Holder.By(2, 1, Ada));
        await cluster.Until(() => holder.Log.Contains("requested by server-2"), "the holder hears of the wish");
        if (isCrash)
        {
            owner.Process.Crash();
            await cluster.Delay(5_000);
            await second.TakeAsync(1);
        }
        else
        {
            await cluster.MoveAsync(1, owner, second);
        }

        await cluster.Until(() => holder.IsLost, "it is told that it is lost");
        var again = holder.Again(holder.Session, from: 1);
        east.Open(again);
        await cluster.Until(() => again.IsAnswered, "it goes on");
        again.Log[0].ShouldBe("resumed 1");

        // Who waited waits on, and gets it when it is ended; nobody had to ask again.
        await cluster.Until(() => again.Log.Contains("requested by server-2"), "the wish came along");
        (await east.Submit(TestUnit.By(1, 2, TestUnit.Add(Ada, "n", 1) with { Session = 1 })).Answer).ShouldBeNull();
        waiter.IsAnswered.ShouldBeFalse();
        (await east.Submit(TestUnit.By(1, 3, EndOf(Ada, 1))).Answer).ShouldBeNull();
        await cluster.Until(() => waiter.IsAnswered, "the waiter has it");
        waiter.Log.ShouldBe(["opened 2"]);
    });

    [Fact]
    public void An_opening_on_a_link_that_breaks_opens_one_session() => RoutedCluster.Run(
        async cluster =>
        {
            var (owner, east, _) = await StartAsync(cluster);
            for (var i = 0; i < 20; i++)
            {
                var key = RoutedCluster.KeyIn(1, 10 + i);
                var holder = east.Open(Holder.By(1, i + 1, key));
                await cluster.Delay(i % 8);
                cluster.Network.BreakAllOf(east.Process);
                await cluster.Until(() => holder.IsAnswered, "it is answered");
                holder.Session.ShouldBe(1);
            }

            owner.Server.Engine.Snapshot().Sessions.ShouldBe(20);
        },
        seeds: 10);

    private static Mutation EndOf(EntityKey key, long session) => new() { Key = key, Kind = MutationKind.EndSession, Session = session };

    private static async Task<(RoutedNode Owner, RoutedNode East, RoutedNode West)> StartAsync(RoutedCluster cluster)
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        return (owner, await cluster.StartAsync("east"), await cluster.StartAsync("west"));
    }
}
