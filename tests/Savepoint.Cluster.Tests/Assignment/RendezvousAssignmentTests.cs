namespace Savepoint.Cluster.Tests;

public sealed class RendezvousAssignmentTests
{
    private const int Shards = 64;

    [Theory]
    [InlineData("a", 0, 16697276209398067609UL)]
    [InlineData("a", 1, 3259711694116993037UL)]
    [InlineData("node-1", 63, 10900973294170178803UL)]
    [InlineData("węzeł", 7, 17830405855088436907UL)]
    public void A_score_never_changes(string node, int shard, ulong score) => RendezvousAssignment.Score(node, shard).ShouldBe(score);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(20)]
    public void No_node_has_more_than_its_fair_share(int count)
    {
        for (var story = 0; story < 50; story++)
        {
            var counts = Counts(Assign(Names(story, count)));
            counts.Values.Sum().ShouldBe(Shards);
            counts.Values.Max().ShouldBeLessThanOrEqualTo((Shards + count - 1) / count);
        }
    }

    [Fact]
    public void Three_nodes_share_64_shards_almost_evenly()
    {
        var least = Enumerable.Range(0, 200).Min(story => Counts(Assign(Names(story, 3))).Values.Min());

        least.ShouldBe(20);
    }

    [Fact]
    public void When_a_node_leaves_few_shards_move_but_its_own()
    {
        var moved = Enumerable.Range(0, 200).Select(story =>
        {
            var names = Names(story, 4);
            var (before, after) = (Assign(names), Assign(names[..3]));
            return Enumerable.Range(0, Shards).Count(shard => before[shard] != after[shard]) - Counts(before)[names[3]];
        }).ToList();

        moved.Average().ShouldBeLessThan(3);
        moved.Max().ShouldBeLessThanOrEqualTo(7);
    }

    [Fact]
    public void Which_shard_goes_where_depends_on_names_only()
    {
        string[] names = ["a", "b", "c"];

        var (first, again) = (Assign(names), Assign(["c", "a", "b"]));

        again.ShouldBe(first);
    }

    [Fact]
    public void A_node_that_may_own_nothing_gets_nothing()
    {
        var view = View(["a", "b"], canOwn: name => name == "b");

        RendezvousAssignment.Instance.Assign(view).ShouldAllBe(owner => owner == view.Nodes[1].Node.Id);
        RendezvousAssignment.Instance.Assign(View(["a"], canOwn: _ => false)).ShouldAllBe(owner => owner == null);
    }

    [Fact]
    public void A_shard_that_a_node_can_not_serve_goes_to_another_and_the_rest_stays()
    {
        var (view, usual) = (View(["a", "b", "c"]), Assign(["a", "b", "c"]));
        var shard = Array.IndexOf(usual, "a");

        var changed = Assign(View(["a", "b", "c"], unfit: name => name == "a" ? [shard] : []));

        changed[shard].ShouldNotBe("a");
        Enumerable.Range(0, Shards).Count(index => changed[index] != usual[index]).ShouldBeLessThan(8);
        Assign(View(["a", "b", "c"], unfit: _ => [shard]))[shard].ShouldBeNull();
        view.Nodes.Count.ShouldBe(3);
    }

    private static string[] Names(int story, int count) => [.. Enumerable.Range(0, count).Select(number => $"story{story}-node{number}")];

    private static Dictionary<string, int> Counts(string?[] owners) => owners.GroupBy(owner => owner!).ToDictionary(group => group.Key, group => group.Count());

    private static string?[] Assign(string[] names) => Assign(View(names));

    private static string?[] Assign(ClusterView view) => [.. RendezvousAssignment.Instance.Assign(view).Select(owner => view.Find(owner)?.Node.Name)];

    private static ClusterView View(string[] names, Func<string, bool>? canOwn = null, Func<string, int[]>? unfit = null) => new(
        [.. names.Select((name, number) => new MemberState(
            new ClusterNode(new Guid(number + 1, 0, 0, new byte[8]), name, new Uri($"http://{name}:1"), 1), canOwn?.Invoke(name) ?? true, unfit?.Invoke(name) ?? [], TimeSpan.FromSeconds(5)))],
        [.. Enumerable.Repeat(new ShardLease(null, 0, TimeSpan.Zero), Shards)]);
}
