using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests;

public sealed class LeavingTests : IDisposable
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(250);

    private readonly TestCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void A_node_that_leaves_hands_everything_over_and_nobody_waits_for_long()
    {
        var nodes = _cluster.Start(3);
        nodes[0].WriteAndWait(nodes[0].Served[0], "gold", 5).ShouldBe(RefusalCode.None);
        var service = new Service(_cluster);
        _cluster.Pass(1);

        nodes[0].Stop();
        var took = _cluster.Until(() => !nodes[0].Process.IsAlive, TimeSpan.FromSeconds(2));

        took.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        _cluster.Pass(7);
        service.LongestPause.ShouldBeLessThan(Quick);
        nodes[1].Served.Concat(nodes[2].Served).Order().ShouldBe(Enumerable.Range(0, TestCluster.Shards));
        nodes[1].Member.View!.Nodes.Count.ShouldBe(2);
        nodes[1].Served.Count.ShouldBe(TestCluster.Shards / 2);
    }

    [Fact]
    public void The_node_that_left_knows_where_its_shards_are()
    {
        var nodes = _cluster.Start(2);
        nodes[0].Process.Start(() => nodes[0].Member.LeaveAsync(CancellationToken.None));

        _cluster.Until(() => nodes[0].Member.Ended.IsCompleted, TimeSpan.FromSeconds(2));

        nodes[0].Maps.Current.Owners.ShouldAllBe(owner => owner.Node == nodes[1].Self);
    }

    [Fact]
    public void The_last_node_leaves_its_shards_free_for_whoever_starts_next()
    {
        var a = _cluster.Start("a");
        _cluster.Pass(1);
        a.WriteAndWait(2, "gold", 5).ShouldBe(RefusalCode.None);
        a.Stop();
        _cluster.Until(() => !a.Process.IsAlive, TimeSpan.FromSeconds(1));
        Enumerable.Range(0, TestCluster.Shards).ShouldAllBe(shard => _cluster.Tables.LeaseOf(shard).Owner == null);

        var again = _cluster.Start("a");

        _cluster.Until(() => again.Served.Count == TestCluster.Shards, TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_node_that_does_not_hear_of_a_hand_over_finds_it_with_its_next_renewal()
    {
        var nodes = _cluster.Start(2);
        _cluster.Peers.LoseTakes = true;
        var service = new Service(_cluster);
        _cluster.Pass(0.5);

        nodes[0].Stop();

        _cluster.Until(() => nodes[1].Served.Count == TestCluster.Shards, TimeSpan.FromSeconds(10));
        service.LongestPause.ShouldBeLessThan(TimeSpan.FromSeconds(1.1));
    }

    [Fact]
    public void A_node_that_can_not_be_reached_keeps_nobody_from_leaving()
    {
        var nodes = _cluster.Start(2);
        _cluster.Peers.AreCut = true;

        nodes[0].Stop();

        _cluster.Until(() => !nodes[0].Process.IsAlive, TimeSpan.FromSeconds(15));
        _cluster.Pass(1.1);
        nodes[1].Served.Count.ShouldBe(TestCluster.Shards);
    }

    [Fact]
    public void While_it_serves_a_node_gives_nothing_to_one_that_does_not_answer()
    {
        var a = _cluster.Start("a");
        _cluster.Pass(1);
        _cluster.Peers.AreCut = true;

        _cluster.Start("b");
        _cluster.Pass(2.5);
        a.Served.Count.ShouldBe(TestCluster.Shards, "the first calls have not been answered yet");
        a.Log.ShouldNotContain(line => line.StartsWith("gave", StringComparison.Ordinal));
    }

    [Fact]
    public void Leaving_ends_when_it_is_told_to_although_the_database_is_away()
    {
        var a = _cluster.Start("a");
        _cluster.Pass(1);
        a.Store.IsCut = true;
        var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3), a.Process.Time);

        a.StopWithin(limit.Token);

        _cluster.Until(() => !a.Process.IsAlive, TimeSpan.FromSeconds(8));
    }
}
