using Savepoint.Engine.Kinds;
using Savepoint.Engine.Recovery;

namespace Savepoint.Engine.Tests;

/// <summary>P9: an admin puts right what can't be read; by a record like any other, so that it is durable, happens once, and no number comes again.</summary>
public sealed class RepairTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey Neighbour = World.KeyIn(0, 1);
    private static readonly EngineOptions Options = World.Options with { JournalRetention = TimeSpan.FromMinutes(5) };

    [Theory]
    [InlineData("document", false)]
    [InlineData("document", true)]
    [InlineData("metadata", false)]
    [InlineData("metadata", true)]
    public void The_newest_version_is_served_again_also_by_replay_and_from_the_store(string damage, bool isInJournal) => World.Run(async world =>
    {
        var node = await Damaged(world, damage, isInJournal);
        var (newest, json) = isInJournal ? (3, """{"n":3}""") : (2, """{"n":2}""");
        (await node.Json(A)).ShouldBe("Quarantined");
        var repair = new TestUnit(Newest()).By(7, 1);
        (await node.Submit(repair).Answer).ShouldBeNull();
        repair.Version.ShouldBe(newest + 1);
        (await node.Json(A)).ShouldBe(json);

        // The row is as bad as before: only the record has it.
        node.Crash();
        world.Stored(A)!.QuarantineError.ShouldNotBeNull();
        node = await world.StartAsync(Options);
        (await node.Json(A)).ShouldBe(json);
        var again = node.Submit(repair.Again());
        (await again.Answer).ShouldBeNull();
        again.Version.ShouldBe(newest + 1);
        (await node.Do(Make.Add(A, "n", 1))).ShouldBe(newest + 2);
        var opening = await node.Open(A, 2).Opened;
        opening.Session.ShouldBeGreaterThan(isInJournal ? 2 : 1);
        if (damage == "document" || isInJournal)
            opening.Messages.Select(message => message.Id).ShouldContain(isInJournal ? 2 : 1);
        (await node.Do(Make.Message(A))).ShouldBeGreaterThan(isInJournal ? 2 : 1);
        var session = opening.Session;
        node.Checkpoint();
        world.Stored(A)!.QuarantineError.ShouldBeNull();
        world.Database.Quarantined(null, 10).ShouldBeEmpty();
        await node.StopAsync();
        node = await world.StartAsync(Options);
        (await node.Json(A)).ShouldBe($$"""{"n":{{newest + 1}}}""");
        (await node.Json(A, newest + 1)).ShouldBe(json);
        (await node.Json(A, 1)).ShouldBe("""{"n":1}""");
        var versions = await node.ListAll(new Listing { Key = A });
        versions.Select(version => version.Version).ShouldBe(Enumerable.Range(1, newest + 2).Reverse().Select(version => (long)version));
        versions[1].EventType.ShouldBe("repaired");
        (await node.Open(A, 3).Opened).Session.ShouldBeGreaterThan(session);
    });

    [Theory]
    [InlineData("version")]
    [InlineData("document")]
    [InlineData("removal")]
    public void A_version_a_document_or_nothing_takes_its_place(string how) => World.Run(async world =>
    {
        var node = await Damaged(world, "document", isInJournal: true);
        var (repair, json, eventType) = how switch
        {
            "version" => (new Mutation { Key = A, Kind = MutationKind.Restore, RestoredVersion = 1, Repairs = true }, """{"n":1}""", "rollback:1"),
            "document" => (With("""{"given":true}"""), """{"given":true}""", "repaired"),
            _ => (new Mutation { Key = A, Kind = MutationKind.Remove, Repairs = true }, "none", "repaired"),
        };
        (await node.Do(repair)).ShouldBe(4);
        (await node.Json(A)).ShouldBe(json);
        node.Crash();
        node = await world.StartAsync(Options);
        (await node.Json(A)).ShouldBe(json);
        node.Checkpoint();
        world.Stored(A)!.ShouldSatisfyAllConditions(row => row.Version.ShouldBe(4), row => row.QuarantineError.ShouldBeNull());
        (await node.Json(A, 3)).ShouldBe("""{"n":3}""", "what was in the journal only is a version as before");
        var newest = (await node.ListAll(new Listing { Key = A }))[0];
        (newest.EventType, newest.IsRemoval).ShouldBe((eventType, how == "removal"));
        (await node.Do(Make.Set(A, "m", 1))).ShouldBe(5);
    });

    [Fact]
    public void A_repaired_entity_whose_commit_is_given_up_is_as_unreadable_as_before_and_the_next_repair_makes_the_same_version() => World.Run(async world =>
    {
        var node = await Damaged(world, "document", isInJournal: true);
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Code(Newest())).ShouldBe(RefusalCode.Unavailable);
        (await node.Json(A)).ShouldBe("Quarantined");
        JournalOnly.IsIn(world.Stored(A)!.QuarantineError).ShouldBeTrue();
        (await node.Do(Newest())).ShouldBe(4);

        // Dropped again before a checkpoint has it: what is loaded then is the repaired one.
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Code(Make.Add(A, "n", 1))).ShouldBe(RefusalCode.Unavailable);
        (await node.Json(A)).ShouldBe("""{"n":3}""");
        node.Checkpoint();
        (world.Stored(A)!.Version, world.Stored(A)!.QuarantineError).ShouldBe((4, null));
    });

    [Fact]
    public void A_repair_that_is_refused_with_its_unit_changes_nothing() => World.Run(async world =>
    {
        var node = await Damaged(world, "document", isInJournal: true);
        (await node.Code(With("""{"given":true}"""), Make.Set(Neighbour, "n", 1).At(9))).ShouldBe(RefusalCode.VersionMismatch);
        (await node.Json(A)).ShouldBe("Quarantined");
        (await node.Code(With("""{"given":true}""").At(2))).ShouldBe(RefusalCode.VersionMismatch, "the journal has version 3");
        (await node.Do(With("""{"given":true}""").At(3), Make.Set(Neighbour, "n", 1))).ShouldBe(4);
    });

    [Fact]
    public void What_can_be_read_is_not_repaired() => World.Run(async world =>
    {
        var node = await Damaged(world, "document", isInJournal: false);
        await node.Do(Newest());
        (await node.Code(With("{}"))).ShouldBe(RefusalCode.InvalidRequest);
        await node.Do(Make.Set(Neighbour, "n", 1));
        (await node.Code(new Mutation { Key = Neighbour, Kind = MutationKind.Remove, Repairs = true })).ShouldBe(RefusalCode.InvalidRequest);
        (await node.Code(Make.Set(Neighbour, "n", 1) with { Repairs = true })).ShouldBe(RefusalCode.InvalidRequest);
    });

    [Fact]
    public void Without_the_journal_that_it_needs_the_newest_version_is_not_made_up() => World.Run(async world =>
    {
        var node = await Damaged(world, "document", isInJournal: false);
        (await node.Json(A)).ShouldBe("Quarantined");
        for (var i = 0; i < 3; i++)
        {
            // Nothing of it is newer than its row: so the journal goes with the time.
            await node.Do(Make.Add(Neighbour, "n", 1));
            world.Pass(600);
        }

        node.Engine.Snapshot().QuarantinedEntities.ShouldBe(1);
        (await node.Code(Newest())).ShouldBe(RefusalCode.VersionNotFound);
        (await node.Json(A)).ShouldBe("Quarantined");
        (await node.Do(With("""{"n":2}"""))).ShouldBe(3);
        node.Checkpoint();
        world.Pass(120);
        node.Engine.Snapshot().QuarantinedEntities.ShouldBe(0);
        (await node.Json(A)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void The_journal_is_let_go_of_once_the_repair_is_stored() => World.Run(async world =>
    {
        var node = await Damaged(world, "document", isInJournal: true);
        await node.Do(Make.Add(Neighbour, "n", 1));
        world.Pass(600);
        node.Engine.Snapshot().HeldBackShards.ShouldBe(1);

        // What the row built on is gone: the newest version can't be made, and is not made up.
        (await node.Code(Newest())).ShouldBe(RefusalCode.VersionNotFound);
        (await node.Do(With("""{"n":3}"""))).ShouldBe(4);
        node.Checkpoint();
        world.Pass(600);
        node.Engine.Snapshot().HeldBackShards.ShouldBe(0);
        (await node.Json(A)).ShouldBe("""{"n":3}""");
    });

    [Fact]
    public void What_a_hook_cannot_deal_with_can_be_rolled_back_or_removed() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Game.First);
        await node.Do(Make.Set(Game.A, "n", 1));
        await node.Do(Make.Set(Game.A, "bad", 1));
        await node.Do(Make.Set(Game.B, "bad", 1));
        await node.StopAsync();
        node = await world.StartAsync(kinds: Game.With(new Picky()));
        (await node.Json(Game.A)).ShouldBe("HookFailed");
        (await node.Code(Make.Restore(Game.A, 1))).ShouldBe(RefusalCode.HookFailed);
        (await node.Code(Make.Restore(Game.A, 2) with { Repairs = true })).ShouldBe(RefusalCode.HookFailed);
        (await node.Do(Make.Restore(Game.A, 1) with { Repairs = true })).ShouldBe(3);
        (await node.Do(Make.Remove(Game.B) with { Repairs = true })).ShouldBe(2);
        (await node.Json(Game.A), await node.Json(Game.B)).ShouldBe(("""{"n":1}""", "none"));
    });

    private static Mutation Newest() => new() { Key = A, Kind = MutationKind.Restore, RestoredVersion = Mutation.NewestVersion, Repairs = true };

    private static Mutation With(string json) => new() { Key = A, Kind = MutationKind.Restore, Payload = DocumentJson.Parse(json).ToBytes(), Repairs = true };

    /// <summary>An entity at version 2 with a session and a message, whose row is damaged; and at version 3 with one more of each, of which only the journal knows.</summary>
    private static async Task<Node> Damaged(World world, string damage, bool isInJournal)
    {
        var node = await world.StartAsync(Options);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Message(A));
        var session = (await node.Open(A, 1).Opened).Session;
        node.Checkpoint();
        if (isInJournal)
        {
            (await node.Submit(Make.EndSession(A, session).By(1, 2)).Answer).ShouldBeNull();
            await node.Open(A, 5).Opened;
            await node.Do(Make.Add(A, "n", 1));
            await node.Do(Make.Message(A));
        }

        node.Crash();
        var row = world.Stored(A)!;
        world.Database.Entities(row.Shard, entities =>
        {
            entities.Replace(damage == "document" ? row with { Document = new byte[] { 1, 99, 99 } } : row with { Metadata = new byte[] { 1, 250 } });
            return true;
        });
        return await world.StartAsync(Options);
    }

    private sealed class Picky : ILoadedHook
    {
        public void OnLoaded(HookContext context)
        {
            if (context.Document.Root.ContainsKey("bad"))
                throw new InvalidOperationException("bad");
        }
    }
}
