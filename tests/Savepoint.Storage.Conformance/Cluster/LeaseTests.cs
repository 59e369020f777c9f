using Savepoint.Cluster;

namespace Savepoint.Storage.Conformance;

/// <summary>Who owns a shard, and who may take it. A lease that lasts for no time is over at once, whatever the database's clock.</summary>
public abstract class LeaseTests(ILeaseDatabase database) : ClusterTests(database)
{
    [Fact]
    public async Task At_first_nobody_owns_anything()
    {
        var node = await JoinAsync("a");

        (await node.RenewAsync()).Leases.ShouldBe(Enumerable.Repeat(new ShardLease(null, 0, TimeSpan.Zero), Shards));
    }

    [Fact]
    public async Task A_node_gets_what_it_wants_and_is_free()
    {
        var (a, b) = (await JoinAsync("a"), await JoinAsync("b"));

        Owners(await a.RenewAsync(wanted: [1, 3])).ShouldBe([(1, a.Id, 1), (3, a.Id, 1)]);
        Owners(await b.RenewAsync(wanted: [0, 1])).ShouldBe([(0, b.Id, 1), (1, a.Id, 1), (3, a.Id, 1)]);
    }

    [Fact]
    public async Task A_lease_lasts_as_long_as_the_renewal_says()
    {
        var a = await JoinAsync("a");

        var left = (await a.RenewAsync(wanted: [1])).Leases[1].Left;

        left.ShouldBeInRange(TimeSpan.FromSeconds(1), Long);
    }

    [Fact]
    public async Task Renewals_keep_the_term()
    {
        var a = await JoinAsync("a");
        await a.RenewAsync(wanted: [1]);

        Owners(await a.RenewAsync(wanted: [1])).ShouldBe([(1, a.Id, 1)]);
        Owners(await a.RenewAsync()).ShouldBe([(1, a.Id, 1)]);
    }

    [Fact]
    public async Task A_lease_that_is_over_goes_to_who_wants_it_under_the_next_term()
    {
        var (a, b) = (await JoinAsync("a"), await JoinAsync("b"));
        await a.RenewAsync(wanted: [1, 2], duration: TimeSpan.Zero);

        Owners(await b.RenewAsync(wanted: [1])).ShouldContain((1, b.Id, 2));

        var seen = await a.RenewAsync(wanted: [1]);
        Owners(seen).ShouldBe([(1, b.Id, 2), (2, a.Id, 1)], "the former owner renews what nobody has taken, and nothing else");
    }

    [Fact]
    public async Task Of_nodes_that_want_the_same_shards_at_once_each_shard_goes_to_one()
    {
        var nodes = new List<TestMember>();
        for (var i = 0; i < 4; i++)
            nodes.Add(await JoinAsync($"n{i}"));
        var term = 0;
        for (var round = 0; round < 10; round++)
        {
            // Each round finds all leases over, and all nodes want all shards, in orders of their own.
            var views = await Task.WhenAll(nodes.Select((node, i) => node.RenewAsync(
                wanted: i % 2 == 0 ? [.. Enumerable.Range(0, Shards)] : [.. Enumerable.Range(0, Shards).Reverse()])));
            var last = await nodes[0].RenewAsync();
            last.Leases.ShouldAllBe(lease => lease.Owner != null && lease.Term == term + 1);
            foreach (var view in views)
            {
                for (var shard = 0; shard < Shards; shard++)
                    view.Leases[shard].Owner.ShouldBeOneOf(last.Leases[shard].Owner, last.Leases[shard].Term == 1 ? null : view.Leases[shard].Owner);
            }

            term = (int)last.Leases[0].Term;
            foreach (var node in nodes)
                await node.Store.ReleaseAllAsync(node, last);
        }
    }

    [Fact]
    public async Task A_hand_over_gives_a_shard_to_the_next_owner_under_the_next_term()
    {
        var (a, b) = (await JoinAsync("a"), await JoinAsync("b"));
        await a.RenewAsync(wanted: [1]);

        (await a.Store.HandOverAsync(1, a.Id, 1, b.Id, Long, Cancel)).ShouldBeTrue();

        var lease = (await a.RenewAsync(wanted: [1])).Leases[1];
        (lease.Owner, lease.Term).ShouldBe((b.Id, 2));
        lease.Left.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_hand_over_of_what_is_not_ones_own_or_was_under_another_term_does_nothing()
    {
        var (a, b) = (await JoinAsync("a"), await JoinAsync("b"));
        await a.RenewAsync(wanted: [1]);

        (await b.Store.HandOverAsync(1, b.Id, 1, a.Id, Long, Cancel)).ShouldBeFalse();
        (await b.Store.HandOverAsync(1, b.Id, 1, b.Id, Long, Cancel)).ShouldBeFalse();
        (await a.Store.HandOverAsync(1, a.Id, 0, b.Id, Long, Cancel)).ShouldBeFalse();
        (await a.Store.HandOverAsync(2, a.Id, 0, b.Id, Long, Cancel)).ShouldBeFalse();

        Owners(await b.RenewAsync()).ShouldBe([(1, a.Id, 1)]);
    }

    [Fact]
    public async Task Nothing_is_handed_over_to_a_node_that_does_not_live()
    {
        var (a, b) = (await JoinAsync("a"), await JoinAsync("b"));
        await a.RenewAsync(wanted: [1]);
        await b.RenewAsync(duration: TimeSpan.Zero);

        (await a.Store.HandOverAsync(1, a.Id, 1, b.Id, Long, Cancel)).ShouldBeFalse();
        (await a.Store.HandOverAsync(1, a.Id, 1, new Guid(9, 9, 9, new byte[8]), Long, Cancel)).ShouldBeFalse();

        Owners(await a.RenewAsync()).ShouldBe([(1, a.Id, 1)]);
    }

    [Fact]
    public async Task A_shard_that_is_released_is_free_and_a_hand_over_that_comes_late_does_nothing()
    {
        var (a, b) = (await JoinAsync("a"), await JoinAsync("b"));
        await a.RenewAsync(wanted: [1]);

        await a.Store.ReleaseAsync(1, a.Id, 1, Cancel);
        (await a.Store.HandOverAsync(1, a.Id, 1, b.Id, Long, Cancel)).ShouldBeFalse();
        Owners(await b.RenewAsync()).ShouldBeEmpty();

        Owners(await a.RenewAsync(wanted: [1])).ShouldBe([(1, a.Id, 2)]);
        (await a.Store.HandOverAsync(1, a.Id, 1, b.Id, Long, Cancel)).ShouldBeFalse();
        await a.Store.ReleaseAsync(1, a.Id, 1, Cancel);
        Owners(await b.RenewAsync()).ShouldBe([(1, a.Id, 2)]);
    }
}
