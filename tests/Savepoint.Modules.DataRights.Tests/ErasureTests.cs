namespace Savepoint.Modules.DataRights.Tests;

/// <summary>What is kept of a user goes, whatever happens on the way.</summary>
public sealed class ErasureTests
{
    private static readonly EntityKey Own = new("profile", "alice");
    private static readonly EntityKey Hero = new("character", "alice:1");
    private static readonly EntityKey Removed = new("character", "alice:2");
    private static readonly EntityKey Alt = new("profile", "alice-alt");
    private static readonly EntityKey Guild = new("guild", "knights");
    private static readonly EntityKey Bobs = new("profile", "bob");

    [Fact]
    public async Task What_the_user_owns_or_is_alone_tagged_on_is_erased_and_what_others_share_is_untagged()
    {
        await using var world = await Filled();

        var result = await world.Rights.Erasure.EraseAsync("alice", World.Admin, CancellationToken.None);

        result.IsComplete.ShouldBeTrue();
        result.Erased.ShouldBe([Alt, Own, Hero, Removed], ignoreOrder: true);
        result.Untagged.ShouldBe([Guild]);
        await ShouldBeErased(world);
        (await world.Actions("alice")).ShouldBe(["user.erase", "user.erased"]);
    }

    [Fact]
    public async Task A_second_time_there_is_nothing_left_to_do()
    {
        await using var world = await Filled();
        await world.Rights.Erasure.EraseAsync("alice", World.Admin, CancellationToken.None);

        var again = await world.Rights.Erasure.EraseAsync("alice", World.Admin, CancellationToken.None);

        (again.IsComplete, again.Erased.Count, again.Untagged.Count).ShouldBe((true, 0, 0));
        await ShouldBeErased(world);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_is_cut_off_at_any_step_is_finished_by_the_next(bool carriesOut)
    {
        for (var step = 0; ; step++)
        {
            await using var world = await Filled();
            var engine = new FragileEngine(world.Engine) { DieAt = step, CarriesOut = carriesOut };
            var first = world.RightsOver(engine).Erasure.EraseAsync("alice", World.Admin, CancellationToken.None);
            if (await Task.WhenAny(first, engine.Died) == first)
            {
                step.ShouldBeGreaterThan(5);
                return;
            }

            await world.Rights.Erasure.EraseAsync("alice", World.Admin, CancellationToken.None);
            await ShouldBeErased(world);
        }
    }

    [Fact]
    public async Task Without_its_audit_entry_nothing_is_erased_and_nothing_exported()
    {
        await using var world = await Filled();
        var engine = new RefusingEngine(world.Engine);
        var rights = world.RightsOver(engine);

        await Should.ThrowAsync<RefusedException>(() => rights.Erasure.EraseAsync("alice", World.Admin, CancellationToken.None));
        using var output = new MemoryStream();
        await Should.ThrowAsync<RefusedException>(() => rights.Export.WriteAsync("alice", World.Admin, output, CancellationToken.None));

        output.Length.ShouldBe(0);
        (await world.Exists(Own)).ShouldBeTrue();
        (await world.Users(Guild)).ShouldBe(["alice", "bob"]);
    }

    [Fact]
    public async Task What_is_tagged_while_it_goes_on_is_erased_as_well()
    {
        await using var world = await Filled();
        var late = new EntityKey("profile", "late");
        await world.Set(late, "n", 1);
        var engine = new FragileEngine(world.Engine) { DieAt = 3 };
        var first = world.RightsOver(engine).Erasure.EraseAsync("alice", World.Admin, CancellationToken.None);
        await engine.Died;
        await world.Do(UserTags.TagBy(late, "alice"));

        await world.Rights.Erasure.EraseAsync("alice", World.Admin, CancellationToken.None);

        (await world.Exists(late)).ShouldBeFalse();
        first.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_user_makes_behind_the_search_is_erased_as_well()
    {
        await using var world = await Filled();
        var late = new EntityKey("character", "alice:0");
        var engine = new PlayedEngine(world.Engine, before: new EntityKey("guild", "alice"), () => world.Set(late, "n", 1));

        var result = await world.RightsOver(engine).Erasure.EraseAsync("alice", World.Admin, CancellationToken.None);

        engine.HasPlayed.ShouldBeTrue();
        (await world.Exists(late)).ShouldBeFalse();
        (result.IsComplete, result.Erased.Contains(late)).ShouldBe((true, true));
        await ShouldBeErased(world);
    }

    private static async Task ShouldBeErased(World world)
    {
        foreach (var key in new[] { Own, Hero, Removed, Alt })
        {
            (await world.Exists(key)).ShouldBeFalse(key.ToString());
            (await world.Read(key, 1)).Refusal.ShouldNotBeNull(key.ToString()).Code.ShouldBe(RefusalCode.VersionNotFound);
        }

        (await world.Exists(UserTags.IndexOf("alice"))).ShouldBeFalse();
        (await world.Users(Guild)).ShouldBe(["bob"]);
        (await world.Exists(Bobs)).ShouldBeTrue();
        UserIndex.EntitiesIn(Document.Decode((await world.Read(UserTags.IndexOf("bob"))).Snapshot.Document)).ShouldBe([Guild]);
    }

    private static async Task<World> Filled()
    {
        var world = await World.StartAsync();
        foreach (var key in new[] { Own, Hero, Removed, Alt, Guild, Bobs })
            await world.Set(key, "n", 1);
        await world.Do(UserTags.TagBy(Alt, "alice"));
        await world.Do(UserTags.TagBy(Own, "alice"));
        await world.Do(UserTags.TagBy(Guild, "alice"));
        await world.Do(UserTags.TagBy(Guild, "bob"));
        await world.Do(new Mutation { Key = Removed, Kind = MutationKind.Remove });
        return world;
    }
}
