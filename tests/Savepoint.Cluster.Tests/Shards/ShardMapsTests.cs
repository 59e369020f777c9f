namespace Savepoint.Cluster.Tests;

public sealed class ShardMapsTests : IDisposable
{
    private static readonly ClusterNode Self = new(new Guid(1, 0, 0, new byte[8]), "a", new Uri("http://a:1"), 1);
    private static readonly ClusterNode Other = new(new Guid(2, 0, 0, new byte[8]), "b", new Uri("http://b:1"), 1);

    private readonly TestCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void At_first_nobody_owns_anything()
    {
        var maps = new ShardMaps(Self, 2);

        maps.Current.Owners.ShouldBe([default, default]);
        maps.Current.Version.ShouldBe(0);
    }

    [Fact]
    public void Of_two_owners_the_one_with_the_higher_term_is_newer()
    {
        var maps = new ShardMaps(Self, 2);
        maps.Learn(1, new ShardOwner(Other, 5));
        var version = maps.Current.Version;

        maps.Learn(1, new ShardOwner(Self, 4));
        maps.Learn(1, new ShardOwner(Self, 5));
        maps.Current[1].ShouldBe(new ShardOwner(Other, 5));
        maps.Current.Version.ShouldBe(version);

        maps.Learn(1, new ShardOwner(Self, 6));
        maps.Current[1].ShouldBe(new ShardOwner(Self, 6));
        maps.Current.Version.ShouldBeGreaterThan(version);
    }

    [Fact]
    public async Task Who_waits_for_a_newer_map_gets_it()
    {
        var maps = new ShardMaps(Self, 2);
        var waiting = maps.WaitForNewerAsync(0, TestContext.Current.CancellationToken);
        waiting.IsCompleted.ShouldBeFalse();

        maps.Learn(0, new ShardOwner(Other, 1));

        (await waiting)[0].Node.ShouldBe(Other);
        (await maps.WaitForNewerAsync(0, TestContext.Current.CancellationToken)).ShouldBe(maps.Current);
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        var maps = new ShardMaps(Self, 2);
        using var end = new CancellationTokenSource();
        var (given, kept) = (maps.WaitForNewerAsync(0, end.Token), maps.WaitForNewerAsync(0, CancellationToken.None));

        await end.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(given);
        maps.Learn(0, new ShardOwner(Other, 1));
        (await kept).ShouldBe(maps.Current);
    }

    [Fact]
    public void A_doubt_has_the_map_read_again_soon_and_many_doubts_once()
    {
        var a = _cluster.Start("a");
        _cluster.Pass(1.5);
        var before = a.Renewals;

        for (var i = 0; i < 100; i++)
            a.Process.Post(() => a.Maps.Doubt(1));
        _cluster.Pass(0.02);

        a.Renewals.ShouldBe(before + 1);
        for (var i = 0; i < 100; i++)
            a.Process.Post(() => a.Maps.Doubt(1));
        _cluster.Pass(0.02);
        a.Renewals.ShouldBe(before + 1, "the last look was a moment ago");
        _cluster.Pass(0.04);
        a.Renewals.ShouldBe(before + 2);
    }

    [Fact]
    public void A_gateway_that_doubts_learns_of_a_new_owner_long_before_its_next_renewal()
    {
        var gateway = _cluster.Start("g", new MemberOptions { CanOwn = false, RenewEvery = TimeSpan.FromSeconds(3) });
        var nodes = _cluster.Start(2);
        _cluster.Pass(3);
        nodes[0].Stop();
        _cluster.Until(() => !nodes[0].Process.IsAlive, TimeSpan.FromSeconds(1));

        gateway.Process.Post(() => gateway.Maps.Doubt(0));

        _cluster.Until(() => gateway.Maps.Current.Owners.All(owner => owner.Node == nodes[1].Self), TimeSpan.FromMilliseconds(100));
    }
}
