using Savepoint.Hosting.Calls;
using Savepoint.Modules.DataRights.Bulk;

namespace Savepoint.Modules.DataRights.Tests;

/// <summary>A bulk edit changes each entity that meets its conditions exactly once.</summary>
public sealed class BulkTests
{
    private const int Rich = 30;

    [Fact]
    public async Task What_meets_all_conditions_is_changed_and_nothing_else()
    {
        await using var world = await Filled();
        var bulk = world.Bulk(world.Engine);
        var id = await bulk.StartAsync(Gift, World.Admin, CancellationToken.None);

        (await bulk.GoOnAsync(id, CancellationToken.None)).ShouldBeTrue();

        await ShouldBeGivenOnce(world);
        var progress = (await bulk.FindAsync(id, CancellationToken.None))!;
        (progress.State, progress.Changed, progress.Refused, progress.ShardsDone).ShouldBe((BulkState.Done, Rich, 0, 8));
        (await world.Actions(id)).ShouldBe(["bulk.start", "bulk.done"]);
        (await bulk.SetStateAsync(id, BulkState.Paused, World.Admin, CancellationToken.None)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_is_cut_off_at_any_step_goes_on_where_it_was_and_doubles_nothing(bool carriesOut)
    {
        for (var step = 1; ; step += 3)
        {
            await using var world = await Filled();
            var id = await world.Bulk(world.Engine).StartAsync(Gift, World.Admin, CancellationToken.None);
            var engine = new FragileEngine(world.Engine) { DieAt = step, CarriesOut = carriesOut };
            var first = world.Bulk(engine).GoOnAsync(id, CancellationToken.None);
            if (await Task.WhenAny(first, engine.Died) == first)
            {
                step.ShouldBeGreaterThan(Rich);
                return;
            }

            (await world.Bulk(world.Engine).GoOnAsync(id, CancellationToken.None)).ShouldBeTrue();
            await ShouldBeGivenOnce(world);
            (await world.Bulk(world.Engine).FindAsync(id, CancellationToken.None))!.Changed.ShouldBe(Rich);
        }
    }

    [Fact]
    public async Task Of_several_who_go_on_with_it_at_once_none_doubles_anything()
    {
        await using var world = await Filled();
        var id = await world.Bulk(world.Engine).StartAsync(Gift, World.Admin, CancellationToken.None);
        var runs = Enumerable.Range(0, 4).Select(_ => Task.Run(() => world.Bulk(world.Engine).GoOnAsync(id, CancellationToken.None))).ToArray();
        await Task.WhenAll(runs);
        await world.Bulk(world.Engine).GoOnAsync(id, CancellationToken.None);
        await ShouldBeGivenOnce(world);
        (await world.Bulk(world.Engine).FindAsync(id, CancellationToken.None))!.Changed.ShouldBe(Rich);
    }

    [Fact]
    public async Task A_paused_one_waits_and_a_cancelled_one_is_over()
    {
        await using var world = await Filled();
        var bulk = world.Bulk(world.Engine);
        var id = await bulk.StartAsync(Gift, World.Admin, CancellationToken.None);
        await bulk.SetStateAsync(id, BulkState.Paused, World.Admin, CancellationToken.None);
        (await bulk.GoOnAsync(id, CancellationToken.None)).ShouldBeFalse();
        (await bulk.FindAsync(id, CancellationToken.None))!.Changed.ShouldBe(0);

        await bulk.SetStateAsync(id, BulkState.Running, World.Admin, CancellationToken.None);
        await bulk.SetStateAsync(id, BulkState.Cancelled, World.Admin, CancellationToken.None);
        (await bulk.GoOnAsync(id, CancellationToken.None)).ShouldBeFalse();
        (await bulk.SetStateAsync(id, BulkState.Running, World.Admin, CancellationToken.None)).ShouldBeFalse();
        (await world.Actions(id)).ShouldBe(["bulk.start", "bulk.paused", "bulk.running", "bulk.cancelled"]);
    }

    [Fact]
    public async Task What_a_session_holds_gets_increments_and_of_other_changes_a_refusal_or_a_message()
    {
        await using var world = await Filled();
        var held = new EntityKey("profile", "p0");
        world.Engine.OpenSession(new BriefSession { Key = held, Name = "server-1", Writer = new Guid(1, 0, 0, new byte[8]), Request = 1 });
        var bulk = world.Bulk(world.Engine);

        await RunAsync(Gift);
        (await world.Gold(held)).ShouldBe(1_100);

        var set = new DeltaWriter();
        set.Set("title", "rich");
        var refused = await RunAsync(Gift with { Delta = set.ToArray() });
        (refused.Changed, refused.Refused).ShouldBe((Rich - 1, 1));
        refused.Errors.ShouldBe([("p0", "session.required")]);
        var messaged = await RunAsync(Gift with { Delta = set.ToArray(), Message = DocumentJson.Parse("""{"title":"rich"}""") });
        (messaged.Changed, messaged.Messaged, messaged.Refused).ShouldBe((Rich - 1, 1, 0));

        async Task<BulkProgress> RunAsync(BulkJob job)
        {
            var id = await bulk.StartAsync(job, World.Admin, CancellationToken.None);
            (await bulk.GoOnAsync(id, CancellationToken.None)).ShouldBeTrue();
            return (await bulk.FindAsync(id, CancellationToken.None))!;
        }
    }

    [Theory]
    [InlineData("level", "=", 5L, true)]
    [InlineData("level", "=", 6L, false)]
    [InlineData("level", "!=", 6L, true)]
    [InlineData("level", "<", 6L, true)]
    [InlineData("level", ">=", 5L, true)]
    [InlineData("level", ">", 5.5, false)]
    [InlineData("name", "<", "b", true)]
    [InlineData("name", "=", 5L, false)]
    [InlineData("missing", "=", 5L, false)]
    [InlineData("missing", "!=", 5L, true)]
    [InlineData("missing", "exists", null, false)]
    [InlineData("name", "exists", null, true)]
    public void A_condition_compares_what_is_there(string path, string op, object? value, bool holds)
    {
        Value compared = value switch { long number => number, double number => number, string text => text, _ => default };
        new BulkCondition(path, op, compared).Holds(DocumentJson.Parse("""{"level":5,"name":"ada"}""")).ShouldBe(holds);
    }

    [Fact]
    public async Task One_that_can_not_be_is_refused_and_not_started()
    {
        await using var world = await Filled();
        var bulk = world.Bulk(world.Engine);
        foreach (var job in new[] { Gift with { Kind = "sp-user" }, Gift with { Kind = "nothing" }, Gift with { PerSecond = 0 }, Gift with { Delta = new byte[] { 9 } }, Gift with { Intent = "nothing" } })
            await Should.ThrowAsync<ArgumentException>(() => bulk.StartAsync(job, World.Admin, CancellationToken.None));
        (await bulk.ListAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    private static BulkJob Gift
    {
        get
        {
            var delta = new DeltaWriter();
            delta.Increment("gold", 100);
            return new BulkJob("profile") { Conditions = [new BulkCondition("gold", ">=", 1_000), new BulkCondition("banned", "!=", true)], Delta = delta.ToArray(), PerSecond = 10_000 };
        }
    }

    private static async Task ShouldBeGivenOnce(World world)
    {
        for (var i = 0; i < Rich; i++)
            (await world.Gold(new EntityKey("profile", $"p{i}"))).ShouldBe(1_100);
        (await world.Gold(new EntityKey("profile", "poor"))).ShouldBe(10);
        (await world.Gold(new EntityKey("profile", "banned"))).ShouldBe(1_000);
    }

    private static async Task<World> Filled()
    {
        var world = await World.StartAsync();
        for (var i = 0; i < Rich; i++)
            await world.Set(new EntityKey("profile", $"p{i}"), "gold", 1_000);
        await world.Set(new EntityKey("profile", "poor"), "gold", 10);
        await world.Set(new EntityKey("profile", "banned"), "gold", 1_000);
        await world.Set(new EntityKey("profile", "banned"), "banned", true);
        return world;
    }
}
