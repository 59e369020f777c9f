namespace Savepoint.Engine.Tests;

/// <summary>I8: a unit takes effect whole or not at all. And what is refused before it is looked at.</summary>
public sealed class UnitTests
{
    private static readonly EntityKey[] Keys = [.. Enumerable.Range(0, 8).Select(number => World.KeyIn(number % World.Shards, number / World.Shards))];

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_refusal_in_any_place_leaves_nothing_of_the_unit(int place) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do([.. Keys[..4].Select(key => Make.Set(key, "n", 1))]);
        var watchers = Keys.Select(key => node.Watch(key)).ToList();
        world.Settle();
        var mutations = Keys.Select(key => Make.Add(key, "n", 1)).ToArray();
        mutations[place] = Make.Add(Keys[place], "n", -5, min: 0);
        var refused = await node.Try(mutations);
        (refused!.Code, refused.DocumentError, refused.Mutation, refused.Key, refused.Path)
            .ShouldBe((RefusalCode.Document, DocumentError.OutOfBounds, place, Keys[place], "n"));
        world.Settle();
        for (var i = 0; i < Keys.Length; i++)
        {
            (await node.Json(Keys[i])).ShouldBe(i < 4 ? """{"n":1}""" : "none");
            watchers[i].Log.Count.ShouldBe(1);
        }

        (await node.Do([.. Keys.Select(key => Make.Add(key, "n", 1))])).ShouldBe(2);
    });

    [Fact]
    public void A_unit_over_all_shards_is_one_commit_and_survives_a_crash_whole() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        foreach (var key in Keys)
            await node.Json(key);
        var appends = node.Crashes.Appends;
        await node.Do([.. Keys.Select(key => Make.Set(key, "n", 1))]);
        node.Crashes.Appends.ShouldBe(appends + 1);
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Code([.. Keys.Select(key => Make.Set(key, "n", 2))])).ShouldBe(RefusalCode.Unavailable);
        foreach (var key in Keys)
            (await node.Json(key)).ShouldBe("""{"n":1}""");
        node.Crash();
        node = await world.StartAsync();
        foreach (var key in Keys)
            (await node.Json(key)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_unit_waits_for_all_its_entities_to_be_loaded() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var stall = node.Faults.StallNext(StoreOperation.ReadEntities);
        var unit = node.Submit([.. Keys.Select(key => Make.Set(key, "n", 1))]);
        await stall.Reached;
        unit.IsAnswered.ShouldBeFalse();
        stall.Release();
        (await unit.Answer).ShouldBeNull();
        unit.Versions.ShouldBe(Enumerable.Repeat(1L, Keys.Length));
    });

    [Fact]
    public void Only_a_session_end_may_follow_on_the_same_entity() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(Keys[0], 1).Opened;
        var save = Make.Set(Keys[0], "n", 1).Under(1);
        var end = Make.EndSession(Keys[0], 1);
        (await node.Submit(new TestUnit(save, save).By(1, 2)).Answer)!.Code.ShouldBe(RefusalCode.InvalidRequest);
        (await node.Submit(new TestUnit(end, save).By(1, 3)).Answer)!.Code.ShouldBe(RefusalCode.InvalidRequest);
        (await node.Submit(new TestUnit(end, end).By(1, 4)).Answer)!.Code.ShouldBe(RefusalCode.InvalidRequest);
        (await node.Submit(new TestUnit(Make.Remove(Keys[0]).Under(1), end).By(1, 5)).Answer)!.Code.ShouldBe(RefusalCode.InvalidRequest);
        (await node.Submit(new TestUnit(save, Make.Set(Keys[1], "n", 1), end).By(1, 6)).Answer).ShouldBeNull();
    });

    [Fact]
    public void A_malformed_request_is_refused_before_anything_is_looked_at() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var good = Make.Set(Keys[0], "n", 1);
        await Refused(RefusalCode.InvalidRequest, new TestUnit());
        await Refused(RefusalCode.InvalidRequest, new TestUnit([.. Enumerable.Range(0, 65).Select(i => Make.Set(World.Thing($"x{i}"), "n", 1))]));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good) { Reason = new string('r', 65) });
        await Refused(RefusalCode.UnknownKind, new TestUnit(good with { Key = new EntityKey("nokind", "x") }));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good with { Key = default }));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good with { Key = World.Thing("") }));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good with { Key = World.Thing(new string('i', 257)) }));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good with { Key = World.Thing("a\0b") }));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good with { Key = World.Thing("a\ud800b") }));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good with { Session = -1 }));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good with { ExpectedVersion = -2 }));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good with { Kind = (MutationKind)77 }));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good with { Kind = MutationKind.Intent }));
        await Refused(RefusalCode.InvalidRequest, new TestUnit(good with { Kind = MutationKind.EndSession }));
        await Refused(RefusalCode.InvalidRequest, good.By(1, 0));
        await Refused(RefusalCode.InvalidRequest, good.By(1, 5, received: 5));
        await Refused(RefusalCode.InvalidRequest, good.By(1, 5, received: -1));
        await node.Do(good with { Key = World.Thing(new string('i', 256)) });
        (await node.Submit(new TestUnit(good) { Reason = new string('r', 64) }).Answer).ShouldBeNull();

        async Task Refused(RefusalCode code, TestUnit unit) => (await node.Submit(unit).Answer)!.Code.ShouldBe(code);
    });

    [Fact]
    public void A_delta_that_breaks_a_rule_of_documents_changes_nothing_and_says_which() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(Keys[0], "name", "x"));
        await Refused(DocumentError.Malformed, Raw(1, 1));
        await Refused(DocumentError.UnsupportedFormat, Raw(9, 1, 1));
        await Refused(DocumentError.WrongType, Make.Add(Keys[0], "name", 1));
        await Refused(DocumentError.TooDeep, Make.Set(Keys[0], string.Join('.', Enumerable.Repeat("a", 30)), 1));
        await Refused(DocumentError.TooLarge, Make.Set(Keys[0], "b", Value.From(new ReadOnlyMemory<byte>(new byte[(1 << 20) + 1]))));
        await Refused(DocumentError.Overflow, Make.Delta(Keys[0], delta =>
        {
            delta.Increment("n", long.MaxValue);
            delta.Increment("n", 1);
        }));
        var nan = Make.Set(Keys[0], "d", 1.5);
        var bytes = nan.Payload.ToArray();
        BitConverter.GetBytes(double.NaN).CopyTo(bytes, bytes.Length - 8);
        await Refused(DocumentError.NotFinite, nan with { Payload = bytes });
        (await node.Json(Keys[0])).ShouldBe("""{"name":"x"}""");
        (await node.Do(Make.Set(Keys[0], "name", "y"))).ShouldBe(2);

        async Task Refused(DocumentError error, Mutation mutation)
        {
            var refusal = await node.Try(mutation);
            (refusal!.Code, refusal.DocumentError).ShouldBe((RefusalCode.Document, error));
        }

        Mutation Raw(params byte[] payload) => new() { Key = Keys[0], Kind = MutationKind.Delta, Payload = payload };
    });

    [Fact]
    public void An_intents_handler_decides_what_changes() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(Keys[0], "gold", 10));
        var unit = new TestUnit(Make.Intent(Keys[0], "spend", """{"amount":4}""")) { Actor = "player:1" };
        (await node.Submit(unit).Answer).ShouldBeNull();
        (await node.Json(Keys[0])).ShouldBe("""{"by":"player:1","gold":6}""");

        var refused = await node.Try(Make.Intent(Keys[0], "spend", """{"amount":40}"""));
        (refused!.Code, refused.Detail).ShouldBe((RefusalCode.IntentRefused, "not_enough_gold"));
        var crashed = await node.Try(Make.Intent(Keys[0], "crash"));
        (crashed!.Code, crashed.Detail).ShouldBe((RefusalCode.Internal, "InvalidOperationException"));
        (await node.Code(Make.Intent(Keys[0], "unheard"))).ShouldBe(RefusalCode.UnknownIntent);
        (await node.Code(Make.Intent(Keys[0], "spend"))).ShouldBe(RefusalCode.Document, "it does not check that there is an amount");
        await node.Do(Make.Set(Keys[0], "name", "x"));
        var wrong = await node.Try(Make.Intent(Keys[0], "wrong"));
        (wrong!.DocumentError, wrong.Path).ShouldBe((DocumentError.WrongType, "name"));
        (await node.Code(Make.Intent(Keys[0], "nothing") with { Payload = new byte[] { 7 } })).ShouldBe(RefusalCode.Document);
        (await node.Json(Keys[0])).ShouldBe("""{"by":"player:1","gold":6,"name":"x"}""");
        (await node.Do(Make.Intent(Keys[0], "nothing"))).ShouldBe(4);
    });

    [Fact]
    public void An_intent_on_what_does_not_exist_starts_from_the_template() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        (await node.Code(Make.Intent(Keys[0], "spend", """{"amount":4}"""))).ShouldBe(RefusalCode.IntentRefused);
        (await node.Json(Keys[0])).ShouldBe("none");
        await node.Do(Make.Intent(Keys[0], "spend", """{"amount":4}""") with { Template = DocumentJson.Parse("""{"gold":5}""").ToBytes() });
        (await node.Json(Keys[0])).ShouldBe("""{"by":"","gold":1}""");
    });

    [Fact]
    public void An_expected_version_is_checked_against_the_newest() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(Keys[0], "n", 1).At(0));
        var exists = await node.Try(Make.Set(Keys[0], "n", 2).At(0));
        (exists!.Code, exists.ExpectedVersion, exists.CurrentVersion).ShouldBe((RefusalCode.VersionMismatch, 0, 1));
        await node.Do(Make.Set(Keys[0], "n", 2).At(1));
        (await node.Code(Make.Remove(Keys[0]).At(1))).ShouldBe(RefusalCode.VersionMismatch);
        await node.Do(Make.Remove(Keys[0]).At(2));
    });

    [Fact]
    public void Entities_of_one_owner_share_a_shard_and_a_commit_over_them_one_segment() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(new EntityKey("item", "bob:1"), "n", 1), Make.Set(new EntityKey("item", "bob:2"), "n", 1), Make.Set(World.Thing("bob"), "n", 1));
        Enumerable.Range(0, World.Shards).Sum(shard => world.Journal(shard).Count(segment => !segment.IsBarrier)).ShouldBe(1);
    });
}
