using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests;

public sealed class JoiningTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void A_node_alone_takes_all_shards_at_once()
    {
        var node = _cluster.Start("a");

        _cluster.Until(() => node.Served.Count == TestCluster.Shards, TimeSpan.FromMilliseconds(100));

        node.Maps.Current.Owners.ShouldAllBe(owner => owner.Node == node.Self && owner.Term == 1);
        node.ReadAndWait(3).ShouldBe(RefusalCode.None);
    }

    [Fact]
    public void A_node_that_joins_gets_its_share_and_nobody_waits_for_long()
    {
        var a = _cluster.Start("a");
        _cluster.Until(() => a.Served.Count == TestCluster.Shards, TimeSpan.FromSeconds(1));
        var service = new Service(_cluster);
        _cluster.Pass(1);

        var b = _cluster.Start("b");
        _cluster.Until(() => b.Served.Count == TestCluster.Shards / 2, TimeSpan.FromSeconds(1.5));

        _cluster.Pass(3);
        a.Served.Concat(b.Served).Order().ShouldBe(Enumerable.Range(0, TestCluster.Shards));
        service.LongestPause.ShouldBeLessThan(TimeSpan.FromMilliseconds(250));
        a.Maps.Current.Owners.ShouldBe(b.Maps.Current.Owners);
        b.Log.Count(line => line.StartsWith("took", StringComparison.Ordinal)).ShouldBe(3, "nothing moved twice");
    }

    [Fact]
    public void All_nodes_know_each_other_and_the_level_that_they_share()
    {
        var (a, b) = (_cluster.Start("a", featureLevel: 3), _cluster.Start("b", featureLevel: 2));
        _cluster.Pass(2);

        a.Member.View!.Nodes.Select(state => state.Node).ShouldBe([a.Self, b.Self]);
        a.Member.View.FeatureLevel.ShouldBe(2);
    }

    [Fact]
    public void A_gateway_owns_nothing_and_has_the_map()
    {
        var gateway = _cluster.Start("g", new MemberOptions { CanOwn = false });
        _cluster.Pass(2);
        gateway.Served.ShouldBeEmpty("also while there is nobody else");

        var a = _cluster.Start("a");
        _cluster.Pass(2);

        gateway.Served.ShouldBeEmpty();
        a.Served.Count.ShouldBe(TestCluster.Shards);
        gateway.Maps.Current.Owners.ShouldAllBe(owner => owner.Node == a.Self);
        gateway.ReadAndWait(0).ShouldBe(RefusalCode.NotOwner);
    }

    [Fact]
    public void A_name_that_a_living_node_has_is_refused()
    {
        var a = _cluster.Start("a");
        _cluster.Pass(1);

        var other = _cluster.Start("a", address: "elsewhere");
        _cluster.Pass(1);

        other.Refused.ShouldNotBeNull().Refusal.ShouldBe(JoinRefusal.NameTaken);
        a.Served.Count.ShouldBe(TestCluster.Shards);
    }

    [Fact]
    public void After_a_crash_the_same_name_joins_at_once_and_serves_when_the_lease_is_over()
    {
        var a = _cluster.Start("a");
        _cluster.Pass(2.5);
        a.Process.Crash();
        _cluster.Pass(0.1);

        var again = _cluster.Start("a");
        _cluster.Until(() => again.Member.View is not null, TimeSpan.FromMilliseconds(100));
        var took = _cluster.Until(() => again.Served.Count == TestCluster.Shards, TimeSpan.FromSeconds(5));

        took.ShouldBeGreaterThan(TimeSpan.FromSeconds(3.5), "the one before might still have been answering");
    }

    [Fact]
    public void What_the_database_requires_is_told_to_a_program_that_is_too_old()
    {
        var a = _cluster.Start("a", featureLevel: 2);
        _cluster.Pass(1);
        a.Process.Start(async () => (await a.Store.RequireFeatureLevelAsync(2, CancellationToken.None)).ShouldBeTrue());
        _cluster.Pass(1);

        var old = _cluster.Start("b");
        _cluster.Pass(1);

        old.Refused.ShouldNotBeNull().Refusal.ShouldBe(JoinRefusal.TooOld);
    }
}
