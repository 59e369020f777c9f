using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests.Routing;

public sealed class BrokenLinkTests
{
    private static readonly EntityKey Thing = TestCluster.KeyIn(1);

    [Fact]
    public void Numbered_units_on_a_link_that_breaks_are_carried_out_once() => TestCluster.Run(
        async cluster =>
        {
            var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
            var gateway = await cluster.StartAsync("gateway");
            var random = cluster.World.NewRandom();
            var units = new List<TestUnit>();
            for (var i = 1; i <= 300; i++)
            {
                units.Add(gateway.Submit(TestUnit.By(1, i, TestUnit.Add(Thing, "n", 1) with { ExpectedVersion = i - 1 })));
                if (random.Next(30) == 0)
                    cluster.Network.BreakAllOf(gateway.Process);
                if (random.Next(3) == 0)
                    await cluster.Delay(1);
            }

            foreach (var unit in units)
                (await unit.Answer).ShouldBeNull();
            units.Select(unit => unit.Version).ShouldBe(Enumerable.Range(1, 300).Select(i => (long)i));
            cluster.Network.Faults["break"].ShouldBeGreaterThan(0);
        },
        seeds: 20);

    [Fact]
    public void Of_a_unit_without_a_number_nobody_knows_whether_it_was_carried_out() => TestCluster.Run(async cluster =>
    {
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer;
        cluster.Database.Weather = cluster.Database.Weather with { MinLatency = TimeSpan.FromMilliseconds(50), MaxLatency = TimeSpan.FromMilliseconds(60) };
        var unit = gateway.Submit(TestUnit.Add(Thing, "n", 1));
        await cluster.Delay(20);
        cluster.Network.BreakAllOf(gateway.Process);
        (await unit.Answer)!.Code.ShouldBe(RefusalCode.OutcomeUnknown);

        // One that was never sent is not given up so.
        var next = gateway.Submit(TestUnit.Add(Thing, "n", 1));
        (await next.Answer).ShouldBeNull();
    });

    [Fact]
    public void Reads_and_listings_are_asked_again() => TestCluster.Run(async cluster =>
    {
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer;
        for (var i = 0; i < 20; i++)
        {
            var reading = gateway.Read(Thing);
            var listing = gateway.List(Thing);
            await cluster.Delay(1);
            cluster.Network.BreakAllOf(gateway.Process);
            await reading.Answer;
            reading.Text.ShouldBe("""{"n":1}""");
            (await listing.Answer).ShouldNotBeNull();
        }
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void When_the_owner_dies_its_requests_go_to_whoever_owns_the_shard_next(bool isCrash) => TestCluster.Run(
        async cluster =>
        {
            var first = await cluster.StartAsync("first", 0, 1, 2, 3);
            var second = await cluster.StartAsync("second");
            var gateway = await cluster.StartAsync("gateway");
            first.KeepLease();
            var random = cluster.World.NewRandom();
            var units = new List<TestUnit>();
            Task? takeOver = null;
            for (var i = 1; i <= 400; i++)
            {
                units.Add(gateway.Submit(TestUnit.By(1, i, TestUnit.Add(Thing, "n", 1) with { ExpectedVersion = i - 1 })));
                if (i == 150)
                    takeOver = FailAsync();
                if (random.Next(3) == 0)
                    await cluster.Delay(1);
            }

            var start = cluster.Elapsed;
            await takeOver!;
            foreach (var unit in units)
                (await unit.Answer).ShouldBeNull();
            (cluster.Elapsed - start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
            units.Select(unit => unit.Version).ShouldBe(Enumerable.Range(1, 400).Select(i => (long)i));
            if (isCrash)
                return;

            // What it still had changes nothing when it wakes, and it answers no reads from before.
            first.Process.Resume();
            var reading = first.Read(Thing);
            await cluster.Delay(5_000);
            (await second.Submit(TestUnit.Add(Thing, "n", 1)).Answer).ShouldBeNull();
            await reading.Answer;
            reading.Snapshot.Version.ShouldBe(400);
            var last = gateway.Read(Thing);
            await last.Answer;
            (last.Snapshot.Version, last.Text).ShouldBe((401, """{"n":401}"""));

            async Task FailAsync()
            {
                if (isCrash)
                    first.Process.Crash();
                else
                    first.Process.Pause();

                // Its lease runs out, and another takes its shards.
                await cluster.Delay(6_000);
                await second.TakeAsync(1);
            }
        },
        seeds: 10);

    [Fact]
    public void A_link_that_falls_silent_is_broken_within_seconds() => TestCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer;
        cluster.Network.BlackholeSome(1);
        var start = cluster.Elapsed;
        var unit = gateway.Submit(TestUnit.By(1, 1, TestUnit.Add(Thing, "n", 1)));
        (await unit.Answer).ShouldBeNull();
        (cluster.Elapsed - start).ShouldBeLessThan(TimeSpan.FromSeconds(6));
        await cluster.Until(() => owner.Server.PeerHost!.Connections == 1, "the owner lets go of the dead link");
    });

    [Fact]
    public void A_node_that_stood_still_does_not_blame_the_others() => TestCluster.Run(async cluster =>
    {
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer;
        var ended = 0;
        gateway.Server.Links!.LinkEnded = (_, _) => ended++;
        gateway.Process.Pause();
        await cluster.Delay(2_500);
        gateway.Process.Resume();
        (await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer).ShouldBeNull();
        await cluster.Delay(5_000);
        ended.ShouldBe(0);
    });

    [Theory]
    [InlineData("gateway")]
    [InlineData("second")]
    public void That_the_next_owner_refuses_for_now_says_nothing_of_what_was_sent_to_the_one_before(string edge) => TestCluster.Run(async cluster =>
    {
        var first = await cluster.StartAsync("first", 0, 1, 2, 3);
        var second = await cluster.StartAsync("second");
        var gateway = await cluster.StartAsync("gateway");
        var at = edge == "second" ? second : gateway;
        await at.Submit(TestUnit.Add(TestCluster.KeyIn(1, 1), "n", 1)).Answer;
        var fair = cluster.Database.Weather;
        cluster.Database.Weather = fair with { MinLatency = TimeSpan.FromMilliseconds(50), MaxLatency = TimeSpan.FromMilliseconds(60) };
        var unit = at.Submit(TestUnit.By(1, 1, TestUnit.Add(Thing, "n", 1)));
        await cluster.Delay(20);
        first.Process.Crash();
        cluster.Database.Weather = fair;
        await second.TakeAsync(1);
        cluster.Database.Weather = fair with { IsDown = true };
        await cluster.Delay(6_000);
        (await second.Submit(TestUnit.Add(TestCluster.KeyIn(1, 2), "n", 1)).Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        unit.IsAnswered.ShouldBeFalse();
        cluster.Database.Weather = fair;
        (await unit.Answer).ShouldBeNull();
        unit.Version.ShouldBe(1);
    });

    [Fact]
    public void What_may_have_been_carried_out_is_not_said_to_be_undone() => TestCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer;
        var unit = gateway.Submit(TestUnit.By(1, 1, TestUnit.Add(Thing, "n", 1)));
        await cluster.Delay(1);
        owner.Process.Crash();
        (await unit.Answer)!.Code.ShouldBe(RefusalCode.OutcomeUnknown);
        var later = gateway.Submit(TestUnit.By(1, 2, TestUnit.Add(Thing, "n", 1)));
        (await later.Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
    });
}
