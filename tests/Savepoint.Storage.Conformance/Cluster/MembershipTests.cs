using Savepoint.Cluster;

namespace Savepoint.Storage.Conformance;

/// <summary>Who is a member of a cluster, and who may become one.</summary>
public abstract class MembershipTests(ILeaseDatabase database) : ClusterTests(database)
{
    [Fact]
    public async Task The_first_node_makes_the_key_and_the_others_get_it()
    {
        var (first, second) = (Enumerable.Repeat((byte)1, 32).ToArray(), Enumerable.Repeat((byte)2, 32).ToArray());

        (await NewStore().ReadOrCreateKeyAsync(first, Cancel)).ToArray().ShouldBe(first);
        (await NewStore().ReadOrCreateKeyAsync(second, Cancel)).ToArray().ShouldBe(first);
    }

    [Fact]
    public async Task Nodes_see_each_other()
    {
        var (b, a) = (await JoinAsync("b", featureLevel: 4), await JoinAsync("a", canOwn: false, featureLevel: 3));
        await a.RenewAsync(canOwn: false, unfit: [2, 5]);

        var view = await b.RenewAsync();

        view.Nodes.Select(state => (state.Node, state.CanOwn)).ShouldBe([(a.Node, false), (b.Node, true)]);
        view.Nodes[0].Unfit.ShouldBe([2, 5]);
        view.Nodes.ShouldAllBe(state => state.Left > TimeSpan.FromSeconds(1) && state.Left <= Long);
        view.FeatureLevel.ShouldBe(3);
    }

    [Fact]
    public async Task A_node_that_does_not_renew_is_seen_no_more()
    {
        var (a, b) = (await JoinAsync("a"), await JoinAsync("b"));
        await a.RenewAsync(duration: TimeSpan.Zero);

        (await b.RenewAsync()).Nodes.Select(state => state.Node).ShouldBe([b.Node]);
        (await a.RenewAsync()).Nodes.Count.ShouldBe(2, "it is a member still");
    }

    [Fact]
    public async Task A_node_that_leaves_is_gone_with_its_leases()
    {
        var (a, b) = (await JoinAsync("a"), await JoinAsync("b"));
        await a.RenewAsync(wanted: [1, 2]);

        await a.Store.LeaveAsync(a.Id, Cancel);

        var view = await b.RenewAsync();
        view.Nodes.Select(state => state.Node).ShouldBe([b.Node]);
        Owners(view).ShouldBeEmpty();
        (await a.TryRenewAsync(wanted: [3])).ShouldBeNull();
        Owners(await b.RenewAsync()).ShouldBeEmpty();
        await JoinAsync("a");
    }

    [Theory]
    [InlineData("a", "elsewhere", JoinRefusal.NameTaken)]
    [InlineData("other", "a", JoinRefusal.AddressTaken)]
    [InlineData("a", "a", JoinRefusal.NameTaken)]
    public async Task A_name_or_an_address_that_a_living_node_has_is_refused(string name, string address, JoinRefusal refusal)
    {
        var a = await JoinAsync("a");

        var refused = await Should.ThrowAsync<JoinRefusedException>(() => JoinAsync(name, address));

        refused.Refusal.ShouldBe(refusal);
        refused.Message.ShouldContain("'a'");
        refused.Message.ShouldContain("stop it, or give this one another");
        (await a.RenewAsync()).Nodes.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_node_that_was_refused_holds_on_to_nothing()
    {
        await JoinAsync("a");
        await Should.ThrowAsync<JoinRefusedException>(() => JoinAsync("a", "elsewhere"));

        await JoinAsync("b", "elsewhere");
    }

    [Fact]
    public async Task After_a_crash_the_same_name_joins_at_once_and_the_leases_of_the_dead_one_last()
    {
        var dead = await JoinAsync("a");
        await dead.RenewAsync(wanted: [1]);
        await dead.Store.DisposeAsync();
        await Database.UntilAllAreGoneAsync();

        var next = await JoinAsync("a");

        var view = await next.RenewAsync(wanted: [1, 2]);
        view.Nodes.Select(state => state.Node).ShouldBe([next.Node]);
        Owners(view).ShouldBe([(1, dead.Id, 1), (2, next.Id, 1)]);
    }

    [Fact]
    public async Task A_node_that_stands_still_for_longer_than_its_lease_loses_its_name_to_one_that_wants_it()
    {
        var still = await JoinAsync("a");
        await still.RenewAsync(wanted: [1], duration: TimeSpan.Zero);

        var next = await JoinAsync("a");

        await Should.ThrowAsync<JoinRefusedException>(async () => await still.Store.JoinAsync(still.Node, true, Long, Cancel), "its lock does not help it");
        (await still.TryRenewAsync(wanted: [3])).ShouldBeNull();
        Owners(await next.RenewAsync(wanted: [1])).ShouldBe([(1, next.Id, 2)]);
        await Should.ThrowAsync<JoinRefusedException>(async () => await still.Store.JoinAsync(still.Node, true, Long, Cancel));
    }

    [Fact]
    public async Task A_node_that_joins_again_has_no_leases()
    {
        var a = await JoinAsync("a");
        await a.RenewAsync(wanted: [1]);

        await a.Store.JoinAsync(a.Node, true, Long, Cancel);

        Owners(await a.RenewAsync()).ShouldBeEmpty();
        (await a.RenewAsync()).Nodes.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_feature_level_is_required_only_when_all_nodes_have_it_and_then_for_good()
    {
        var old = await JoinAsync("old", featureLevel: 1);
        var @new = await JoinAsync("new", featureLevel: 2);
        (await @new.Store.RequireFeatureLevelAsync(2, Cancel)).ShouldBeFalse();
        await old.Store.LeaveAsync(old.Id, Cancel);

        (await @new.Store.RequireFeatureLevelAsync(2, Cancel)).ShouldBeTrue();
        (await @new.Store.RequireFeatureLevelAsync(1, Cancel)).ShouldBeTrue();

        var refused = await Should.ThrowAsync<JoinRefusedException>(() => JoinAsync("old", featureLevel: 1));
        refused.Refusal.ShouldBe(JoinRefusal.TooOld);
        refused.Message.ShouldContain("feature level 2");
        refused.Message.ShouldContain("start a newer one");
        await JoinAsync("newer", featureLevel: 2);
    }

    [Fact]
    public async Task Of_many_that_want_one_name_at_once_one_joins()
    {
        var members = Enumerable.Range(0, 6).Select(i => new TestMember(NewNode("a", $"host{i}"), NewStore())).ToList();

        var joined = await Task.WhenAll(members.Select(async member =>
        {
            try
            {
                await member.Store.JoinAsync(member.Node, true, Long, Cancel);
                return true;
            }
            catch (JoinRefusedException)
            {
                return false;
            }
        }));

        joined.Count(did => did).ShouldBe(1);
    }
}
