using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests;

/// <summary>Crashes, pauses and outages: who may answer, and until when.</summary>
public sealed class LeaseTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void The_shards_of_a_dead_node_are_served_as_soon_as_its_lease_is_over()
    {
        var nodes = _cluster.Start(3);
        _cluster.Pass(3.3);
        nodes[0].Process.Crash();

        var took = _cluster.Until(() => nodes[1].Served.Count + nodes[2].Served.Count == TestCluster.Shards, TimeSpan.FromSeconds(10));

        took.ShouldBeInRange(TimeSpan.FromSeconds(3.9), TimeSpan.FromSeconds(5.1));
    }

    [Fact]
    public void A_node_that_slept_for_longer_than_its_lease_answers_nothing_from_memory_when_it_wakes()
    {
        var nodes = _cluster.Start(2);
        var shard = nodes[0].Served[0];
        nodes[0].ReadAndWait(shard).ShouldBe(RefusalCode.None);
        nodes[0].Process.Pause();
        _cluster.Pass(10);
        nodes[1].WriteAndWait(shard, "gold", 7).ShouldBe(RefusalCode.None);

        // It finds the request before the look that is due.
        var first = nodes[0].Read(shard);
        nodes[0].Process.Resume();
        _cluster.World.Scheduler!.RunReady();

        first.Code.ShouldNotBeNull().ShouldBeOneOf(RefusalCode.Unavailable, RefusalCode.NotOwner);
        _cluster.Pass(0.02);
        nodes[0].Log.ShouldContain(line => line.StartsWith("dropped", StringComparison.Ordinal));
        nodes[1].WriteAndWait(shard, "gold", 8).ShouldBe(RefusalCode.None, "it has taken nothing back on its own");
    }

    [Fact]
    public void The_lease_lasts_from_the_moment_at_which_its_renewal_was_sent()
    {
        var a = _cluster.Start("a");
        _cluster.Pass(1);
        a.ReadAndWait(0).ShouldBe(RefusalCode.None);
        a.Store.HeldUp = TimeSpan.FromSeconds(1.4);
        var before = a.Renewals;
        _cluster.Until(() => a.Renewals == before + 3, TimeSpan.FromSeconds(6));
        a.Store.IsCut = true;

        _cluster.Until(() => a.ReadAndWait(0) == RefusalCode.Unavailable, TimeSpan.FromSeconds(8));

        a.Process.Time.GetElapsedTime(a.Store.LastSent).ShouldBeInRange(TimeSpan.FromSeconds(4.94), TimeSpan.FromSeconds(4.96));
    }

    [Fact]
    public void While_the_database_is_away_a_node_answers_until_its_lease_is_over_and_goes_on_by_itself_when_it_is_back()
    {
        var a = _cluster.Start("a");
        _cluster.Pass(1);
        a.ReadAndWait(1).ShouldBe(RefusalCode.None);
        _cluster.Database.Weather = StoreWeather.Fair with { IsDown = true };

        _cluster.Pass(3.5);
        a.ReadAndWait(1).ShouldBe(RefusalCode.None);
        _cluster.Pass(2);
        a.ReadAndWait(1).ShouldBe(RefusalCode.Unavailable);
        a.FailedRenewals.ShouldBeGreaterThan(3);

        _cluster.Database.Weather = StoreWeather.Fair;
        _cluster.Pass(0.5);
        a.ReadAndWait(1).ShouldBe(RefusalCode.None);
        a.WriteAndWait(1, "gold", 1).ShouldBe(RefusalCode.None);
        _cluster.Tables.LeaseOf(1).Term.ShouldBe(1, "nobody else had it");
    }

    [Fact]
    public void A_node_that_was_cut_off_from_the_database_drops_what_others_have_taken_and_goes_on_with_what_is_its_own()
    {
        var nodes = _cluster.Start(2);
        var shard = nodes[0].Served[0];
        nodes[0].ReadAndWait(shard);
        nodes[0].Store.IsCut = true;
        _cluster.Until(() => nodes[1].Served.Count == TestCluster.Shards, TimeSpan.FromSeconds(6));
        nodes[1].WriteAndWait(shard, "gold", 7).ShouldBe(RefusalCode.None);
        nodes[0].ReadAndWait(shard).ShouldBe(RefusalCode.Unavailable);

        nodes[0].Store.IsCut = false;
        _cluster.Until(() => nodes[0].Log.Any(line => line.StartsWith("dropped", StringComparison.Ordinal)), TimeSpan.FromSeconds(1));
        _cluster.Until(() => nodes[0].Served.Count == TestCluster.Shards / 2, TimeSpan.FromSeconds(3));

        nodes[0].Served.Intersect(nodes[1].Served).ShouldBeEmpty();
        nodes[0].WriteAndWait(shard, "gold", 8).ShouldBe(RefusalCode.None);
    }

    [Fact]
    public void A_shard_that_was_anothers_meanwhile_is_taken_anew_although_it_is_ones_own_again()
    {
        var nodes = _cluster.Start(2);
        var shard = nodes[0].Served[0];
        nodes[0].ReadAndWait(shard);
        nodes[0].Store.IsCut = true;
        _cluster.Until(() => nodes[1].Served.Count == TestCluster.Shards, TimeSpan.FromSeconds(6));
        nodes[1].WriteAndWait(shard, "gold", 7).ShouldBe(RefusalCode.None);
        var term = _cluster.Tables.LeaseOf(shard).Term;

        // Its renewals arrive again, so that the other gives the shard back; but it hears of none.
        (nodes[0].Store.IsCut, nodes[0].Store.LosesAnswers, _cluster.Peers.AreCut) = (false, true, true);
        _cluster.Until(() => _cluster.Tables.LeaseOf(shard) is var lease && lease.Owner == nodes[0].Self.Id && lease.Term == term + 1, TimeSpan.FromSeconds(15));
        nodes[0].Store.LosesAnswers = false;
        _cluster.Pass(1);

        nodes[0].Log.ShouldContain($"took {shard} under {term + 1}: Served");
        nodes[0].ReadAndWait(shard).ShouldBe(RefusalCode.None);
    }

    [Fact]
    public void A_node_whose_place_another_has_taken_serves_nothing_and_ends()
    {
        var a = _cluster.Start("a");
        _cluster.Pass(1);
        a.Process.Pause();
        _cluster.Pass(6);
        var next = _cluster.Start("a");
        _cluster.Until(() => next.Served.Count == TestCluster.Shards, TimeSpan.FromSeconds(1));

        a.Process.Resume();
        _cluster.Pass(1);

        a.Member.Ended.Exception.ShouldNotBeNull().InnerException.ShouldBeOfType<JoinRefusedException>().Refusal.ShouldBe(JoinRefusal.NameTaken);
        a.Served.ShouldBeEmpty();
        next.Served.Count.ShouldBe(TestCluster.Shards);
        next.Member.Ended.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void A_shard_is_never_served_again_under_a_term_that_was_given_away()
    {
        var nodes = _cluster.Start(2);
        nodes[0].Store.HandOversComeLate = true;
        nodes[1].Store.HandOversComeLate = true;
        var (shard, term) = (nodes[0].Served[0], _cluster.Tables.LeaseOf(nodes[0].Served[0]).Term);

        // It wants to give everything to the third, which goes away before the tables hear of it.
        var third = _cluster.Start("n2");
        _cluster.Until(() => nodes[0].Served.Count + nodes[1].Served.Count < TestCluster.Shards, TimeSpan.FromSeconds(5));
        third.Process.Crash();
        nodes[0].Store.HandOversComeLate = nodes[1].Store.HandOversComeLate = false;
        _cluster.Until(() => nodes[0].Served.Count + nodes[1].Served.Count == TestCluster.Shards, TimeSpan.FromSeconds(9));

        var before = Enumerable.Range(0, TestCluster.Shards).Select(index => _cluster.Tables.LeaseOf(index).Owner).ToList();
        foreach (var node in nodes)
            node.Process.Start(node.Store.ArriveAsync);
        _cluster.Pass(0.5);

        Enumerable.Range(0, TestCluster.Shards).Select(index => _cluster.Tables.LeaseOf(index).Owner).ShouldBe(before, "what came late was under a term that is over");
        before.ShouldNotContain(third.Self.Id);
        nodes.SelectMany(node => node.Log).Where(line => line.Contains($"took {shard} under", StringComparison.Ordinal)).ShouldBeUnique();
        term.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_shard_that_can_not_be_served_goes_round_slower_and_slower_and_the_others_are_served()
    {
        var damaged = new MemoryStore(_cluster.Database.Data);
        damaged.OpenAsync(new StoreOpenOptions(TestCluster.Shards, Guid.Empty, DateTimeOffset.UnixEpoch), CancellationToken.None).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        damaged.AppendAsync([new JournalSegment(2, 1, 3, 1, Guid.Empty, DateTimeOffset.UnixEpoch, new byte[] { 1, 2, 3 })], CancellationToken.None).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        var (a, b) = (_cluster.Start("a"), _cluster.Start("b"));

        _cluster.Pass(5);
        a.Served.Concat(b.Served).Order().ShouldBe([0, 1, 3, 4, 5]);
        var tries = Tries();
        tries.ShouldBeInRange(2, 4, "each has tried");

        _cluster.Pass(60);
        (Tries() - tries).ShouldBeInRange(2, 12);
        a.Served.Concat(b.Served).Order().ShouldBe([0, 1, 3, 4, 5]);

        int Tries() => a.Log.Concat(b.Log).Count(line => line.StartsWith("took 2 under", StringComparison.Ordinal));
    }
}
