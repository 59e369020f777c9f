using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests.Routing;

public sealed class RequestTests
{
    private static readonly EntityKey Thing = TestCluster.KeyIn(1);

    [Fact]
    public void A_node_that_owns_nothing_takes_all_kinds_of_requests() => TestCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1);
        var other = await cluster.StartAsync("other", 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        await cluster.Until(() => gateway.Maps.Current.Owners.All(one => one.Node is not null), "it knows the owners");
        owner.Server.Engine.Snapshot().ServedShards.ShouldBe([0, 1]);

        var watcher = gateway.Watch(Thing);
        var unit = gateway.Submit(new TestUnit
        {
            Writer = TestUnit.WriterOf(1),
            Request = 1,
            Actor = "server:eu-1",
            Reason = "a gift",
            CorrelationId = "c-1",
            Mutations = [TestUnit.Add(Thing, "n", 5), TestUnit.Set(TestCluster.KeyIn(0), "name", "Ada")],
        });
        (await unit.Answer).ShouldBeNull();
        unit.Mutations.Select(mutation => mutation.ResultVersion).ShouldBe([1, 1]);
        (await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer).ShouldBeNull();

        var reading = gateway.Read(Thing);
        await reading.Answer;
        (reading.Snapshot.Version, reading.Text).ShouldBe((2, """{"n":6}"""));
        var old = gateway.Read(Thing, version: 1);
        await old.Answer;
        (old.Snapshot.Version, old.Text).ShouldBe((1, """{"n":5}"""));
        var missing = gateway.Read(TestCluster.KeyIn(2));
        await missing.Answer;
        (missing.Refusal, missing.Snapshot.Version, missing.Snapshot.Document).ShouldBe((null, 0, null));

        var page = (await gateway.List(Thing).Answer).ShouldNotBeNull();
        page.Versions.Select(version => version.Version).ShouldBe([2, 1]);
        page.Next.ShouldBeNull();
        var made = page.Versions[1];
        (made.Actor, made.Reason, made.CorrelationId, made.HasRecord, made.IsReadable).ShouldBe(("server:eu-1", "a gift", "c-1", true, true));

        await cluster.Until(() => watcher.Mirror.Version == 2, "the watcher sees both");
        watcher.Mirror.Text.ShouldBe("""{"n":6}""");
        gateway.Unwatch(watcher);
        await cluster.Until(() => owner.Server.Engine.Snapshot().Watchers == 0, "the owner lets go of the watcher");

        // The owner of the other two shards is asked over a link of its own, and nobody has more than one to each.
        (await gateway.Submit(TestUnit.Add(TestCluster.KeyIn(3), "n", 1)).Answer).ShouldBeNull();
        (gateway.Server.Links!.Snapshot().Count, owner.Server.PeerHost!.Connections, other.Server.PeerHost!.Connections).ShouldBe((2, 1, 1));
    });

    [Fact]
    public void Refusals_come_with_their_evidence() => TestCluster.Run(async cluster =>
    {
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        (await gateway.Submit(TestUnit.Add(Thing, "n", 5)).Answer).ShouldBeNull();

        var stale = (await gateway.Submit(TestUnit.Add(Thing, "n", 1) with { ExpectedVersion = 7 }).Answer).ShouldNotBeNull();
        (stale.Code, stale.Key, stale.ExpectedVersion, stale.CurrentVersion).ShouldBe((RefusalCode.VersionMismatch, Thing, 7, 1));
        var broken = (await gateway.Submit(TestUnit.Set(Thing, "n.x", 1)).Answer).ShouldNotBeNull();
        (broken.Code, broken.Path).ShouldBe((RefusalCode.Document, "n.x"));
        broken.DocumentError.ShouldNotBe(DocumentError.None);
        var unknown = (await gateway.Submit(TestUnit.Add(new EntityKey("nothing", "x"), "n", 1)).Answer).ShouldNotBeNull();
        unknown.Code.ShouldBe(RefusalCode.UnknownKind);
        var reading = gateway.Read(Thing, version: 9);
        await reading.Answer;
        reading.Refusal!.Code.ShouldBe(RefusalCode.VersionNotFound);
        var listing = gateway.List(TestCluster.KeyIn(2));
        (await listing.Answer).ShouldBeNull();
        listing.Refusal!.Code.ShouldBe(RefusalCode.NotFound);
    });

    [Fact]
    public void A_number_that_was_used_gets_its_first_outcome_at_every_node() => TestCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        var first = owner.Submit(TestUnit.By(1, 1, TestUnit.Add(Thing, "n", 5)));
        await first.Answer;
        var again = gateway.Submit(TestUnit.By(1, 1, TestUnit.Add(Thing, "n", 5)));
        (await again.Answer).ShouldBeNull();
        again.Version.ShouldBe(1);

        // What was received reaches the owner, too.
        var next = TestUnit.By(1, 2, TestUnit.Add(Thing, "n", 5));
        next.ReceivedThrough = 1;
        await gateway.Submit(next).Answer;
        var forgotten = await gateway.Submit(TestUnit.By(1, 1, TestUnit.Add(Thing, "n", 5))).Answer;
        forgotten!.Code.ShouldBe(RefusalCode.RequestForgotten);
    });

    [Fact]
    public void A_shard_without_an_owner_is_waited_for() => TestCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        var unit = gateway.Submit(TestUnit.Add(Thing, "n", 5));
        var watcher = gateway.Watch(Thing);
        await cluster.Delay(5_000);
        (unit.IsAnswered, gateway.Server.Routing!.Waiting).ShouldBe((false, 2));
        var before = cluster.Elapsed;
        await owner.TakeAsync(1);
        (await unit.Answer).ShouldBeNull();
        (cluster.Elapsed - before).ShouldBeLessThan(TimeSpan.FromMilliseconds(300));
        await cluster.Until(() => watcher.IsStarted, "the watch begins");
        gateway.Server.Routing!.Waiting.ShouldBe(0);
    });

    [Fact]
    public void Who_waits_for_an_owner_for_too_long_is_told_to_try_again() => TestCluster.Run(async cluster =>
    {
        await cluster.StartAsync("owner", 0, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        var start = cluster.Elapsed;
        var unit = gateway.Submit(TestUnit.By(1, 1, TestUnit.Add(Thing, "n", 5)));
        var reading = gateway.Read(Thing);
        var watcher = gateway.Watch(Thing);
        var holder = gateway.Open(Holder.By(2, 1, Thing));
        var refusal = (await unit.Answer).ShouldNotBeNull();
        (refusal.Code, refusal.IsTransient).ShouldBe((RefusalCode.Unavailable, true));
        (cluster.Elapsed - start).ShouldBeInRange(TimeSpan.FromSeconds(9.9), TimeSpan.FromSeconds(12));
        await reading.Answer;
        await cluster.Until(() => watcher.Refusal is not null && holder.IsAnswered, "all are told");
        (reading.Refusal!.IsTransient, watcher.Refusal!.IsTransient, holder.Opening!.Value.Refusal!.IsTransient).ShouldBe((true, true, true));
        gateway.Server.Routing!.Waiting.ShouldBe(0);
    });

    [Fact]
    public void A_node_with_an_old_map_is_told_who_owns_the_shard() => TestCluster.Run(async cluster =>
    {
        var first = await cluster.StartAsync("first", 0, 1, 2, 3);
        var second = await cluster.StartAsync("second");
        var gateway = await cluster.StartAsync("gateway");
        (await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer).ShouldBeNull();
        gateway.Maps.IsDeaf = true;
        await cluster.MoveAsync(1, first, second);
        await cluster.Delay(1_000);
        (await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer).ShouldBeNull();
        gateway.Maps.Current[1].Node!.Id.ShouldBe(second.Self.Id);
    });
}
