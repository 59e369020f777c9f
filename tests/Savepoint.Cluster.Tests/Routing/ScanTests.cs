using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests.Routing;

/// <summary>Scans and erasures that are asked for at another node than the owner.</summary>
public sealed class ScanTests
{
    private static readonly EntityKey Thing = RoutedCluster.KeyIn(2);

    [Fact]
    public void A_scan_goes_to_the_owner_of_its_shard() => RoutedCluster.Run(async cluster =>
    {
        await cluster.StartAsync("one", 0, 1);
        await cluster.StartAsync("other", 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        (await gateway.Submit(TestUnit.Add(Thing, "n", 5)).Answer).ShouldBeNull();

        var scan = gateway.Scan(new Scan { Key = new EntityKey(Thing.Kind, ""), Shard = 2, WithDocuments = true });
        var page = (await scan.Answer).ShouldNotBeNull();
        var found = page.Entities.ShouldHaveSingleItem();
        (found.Key, found.Version, found.Exists, found.QuarantineError).ShouldBe((Thing, 1L, true, null));
        Mirror.TextOf(found.Document!.Value.ToArray()).ShouldBe("""{"n":5}""");
        page.Next.ShouldBeNull();

        (await gateway.Scan(new Scan { Key = new EntityKey(Thing.Kind, ""), Shard = 0 }).Answer)!.Entities.ShouldBeEmpty();
        var none = gateway.Scan(new Scan { Key = new EntityKey(Thing.Kind, ""), Shard = 99 });
        (await none.Answer).ShouldBeNull();
        none.Refusal!.Code.ShouldBe(RefusalCode.InvalidRequest);
    });

    [Fact]
    public void A_scan_is_asked_again_when_the_link_breaks_and_when_the_shard_moves() => RoutedCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        (await gateway.Submit(TestUnit.Add(Thing, "n", 5)).Answer).ShouldBeNull();
        for (var i = 0; i < 20; i++)
        {
            var scan = gateway.Scan(new Scan { Key = new EntityKey(Thing.Kind, ""), Shard = 2 });
            await cluster.Delay(1);
            cluster.Network.BreakAllOf(gateway.Process);
            (await scan.Answer)!.Entities.Count.ShouldBe(1);
        }

        var next = await cluster.StartAsync("next");
        owner.Process.Crash();
        var late = gateway.Scan(new Scan { Key = new EntityKey(Thing.Kind, ""), Shard = 2 });
        await next.TakeAsync(0, 1, 2, 3);
        (await late.Answer)!.Entities.Count.ShouldBe(1);
    });

    [Fact]
    public void An_erasure_goes_to_the_owner() => RoutedCluster.Run(async cluster =>
    {
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        await gateway.Submit(TestUnit.Add(Thing, "n", 5)).Answer;
        (await gateway.Submit(new Mutation { Key = Thing, Kind = MutationKind.Erase }).Answer).ShouldBeNull();
        var old = gateway.Read(Thing, version: 1);
        await old.Answer;
        old.Refusal!.Code.ShouldBe(RefusalCode.VersionNotFound);
    });
}
