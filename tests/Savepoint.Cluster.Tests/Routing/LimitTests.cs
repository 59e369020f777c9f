using Savepoint.Cluster.Peers;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests.Routing;

public sealed class LimitTests
{
    private static readonly EntityKey Thing = RoutedCluster.KeyIn(1);

    [Fact]
    public void Beyond_the_most_requests_without_an_answer_they_are_refused() => RoutedCluster.Run(async cluster =>
    {
        cluster.Options = new PeerOptions { MaxUnanswered = 10 };
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        var units = Enumerable.Range(1, 15).Select(i => gateway.Submit(TestUnit.By(1, i, TestUnit.Add(Thing, "n", 1)))).ToList();
        foreach (var unit in units)
            await unit.Answer;
        units.Count(unit => unit.Refusal is null).ShouldBe(10);
        units.ShouldAllBe(unit => unit.Refusal == null || unit.Refusal.Code == RefusalCode.Overloaded);

        // And it takes them again once it has its answers.
        (await gateway.Submit(TestUnit.By(1, 16, TestUnit.Add(Thing, "n", 1))).Answer).ShouldBeNull();
    });

    [Fact]
    public void Beyond_the_most_that_wait_for_an_owner_they_are_refused() => RoutedCluster.Run(async cluster =>
    {
        cluster.Options = new PeerOptions { MaxWaiting = 10 };
        var owner = await cluster.StartAsync("owner", 0, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        var units = Enumerable.Range(1, 15).Select(i => gateway.Submit(TestUnit.By(1, i, TestUnit.Add(Thing, "n", 1)))).ToList();
        await cluster.Until(() => units.Count(unit => unit.IsAnswered) == 5, "five are refused");
        units.Where(unit => unit.IsAnswered).ShouldAllBe(unit => unit.Refusal!.Code == RefusalCode.Overloaded);
        await owner.TakeAsync(1);
        foreach (var unit in units)
            await unit.Answer;
        units.Count(unit => unit.Refusal is null).ShouldBe(10);
    });

    [Fact]
    public void A_unit_over_nodes_that_comes_back_late_again_and_again_is_answered() => RoutedCluster.Run(async cluster =>
    {
        await cluster.StartAsync("owner", 0, 1, 3);
        var other = await cluster.StartAsync("other", 2);
        var gateway = await cluster.StartAsync("gateway");
        other.Process.Crash();
        var unit = gateway.Submit(TestUnit.By(1, 1, TestUnit.Add(Thing, "n", 1), TestUnit.Add(RoutedCluster.KeyIn(2), "n", 1)));
        await cluster.Delay(1_000);
        cluster.Network.BreakAllOf(gateway.Process);
        await cluster.Until(() => unit.IsAnswered, "it is given up", seconds: 120);
        unit.Refusal!.Code.ShouldBe(RefusalCode.OutcomeUnknown);
    });

    [Fact]
    public void Beyond_the_most_bytes_that_wait_requests_are_refused_and_the_link_goes_on() => RoutedCluster.Run(async cluster =>
    {
        cluster.Options = new PeerOptions { MaxQueuedBytes = 200_000, MaxFrameBytes = 10_000 };
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        (await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer).ShouldBeNull();
        var units = Enumerable.Range(1, 20).Select(i => gateway.Submit(TestUnit.By(1, i, TestUnit.Set(Thing, "text", new string('x', 50_000))))).ToList();
        foreach (var unit in units)
            await unit.Answer;
        units.Count(unit => unit.Refusal is null).ShouldBeInRange(3, 19);
        units.ShouldAllBe(unit => unit.Refusal == null || unit.Refusal.Code == RefusalCode.Overloaded);
        (await gateway.Submit(TestUnit.By(1, 21, TestUnit.Add(Thing, "n", 1))).Answer).ShouldBeNull();
        gateway.Server.Links!.Snapshot().Single().QueuedBytes.ShouldBeLessThan(1_000);
    });

    [Fact]
    public void Watches_over_a_link_that_is_too_slow_are_lost_and_begin_again() => RoutedCluster.Run(async cluster =>
    {
        cluster.Options = new PeerOptions { MaxQueuedChangeBytes = 50_000, SilenceLimit = TimeSpan.FromMinutes(5) };
        cluster.Network.Weather = cluster.Network.Weather with { MaxBytesInFlight = 10_000 };
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        var watcher = gateway.Watch(Thing);
        await cluster.Until(() => watcher.IsStarted, "it begins");
        gateway.Process.Pause();
        for (var i = 0; i < 40; i++)
            (await owner.Submit(TestUnit.Set(Thing, "text", new string((char)('a' + (i % 26)), 5_000))).Answer).ShouldBeNull();
        await cluster.Until(() => owner.Server.Engine.Snapshot().Watchers == 0, "the owner gives it up");
        gateway.Process.Resume();
        await cluster.Until(() => watcher.IsLost, "it is told");
        watcher.Mirror.Version.ShouldBeInRange(1, 39);
        var again = gateway.Watch(Thing, watcher.Mirror.Version);
        await cluster.Until(() => again.Mirror.Version == 40, "it sees all in the end");
    });

    [Fact]
    public void What_is_larger_than_a_frame_comes_through_in_pieces() => RoutedCluster.Run(async cluster =>
    {
        cluster.Options = new PeerOptions { MaxFrameBytes = 1_000 };
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        var texts = Enumerable.Range(0, 20).Select(i => new string((char)('a' + i), 1 + (i * 997))).ToList();
        var watcher = gateway.Watch(Thing);
        var units = texts.Select((text, i) => gateway.Submit(TestUnit.By(1, i + 1, TestUnit.Set(Thing, "text", text)))).ToList();
        foreach (var unit in units)
            (await unit.Answer).ShouldBeNull();
        var reading = gateway.Read(Thing);
        await reading.Answer;
        reading.Text.ShouldBe($$"""{"text":"{{texts[^1]}}"}""");
        await cluster.Until(() => watcher.Mirror.Version == 20, "the watcher sees all");
        watcher.Mirror.Text.ShouldBe(reading.Text);
    });
}
