namespace Savepoint.Engine.Tests;

/// <summary>P1 and P2: what a kind's schema refuses, before anything changes.</summary>
public sealed class SchemaTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey Body = World.KeyIn(0, kind: "body");

    private static readonly Template Defaults = new(DocumentJson.Parse(
        """{"name":"new","level":1,"speed":1.5,"currency":{"gold":10,"gems":0},"bag":[],"flags":{},"born":{"$timestamp":"2026-01-31T12:00:00.0000000Z"},"pet":{"kind":"cat"}}"""));

    private static readonly KindSchema Schema = new KindSchemaBuilder()
        .From(Defaults)
        .Between("currency.gold", 0L, 1000L)
        .Between("speed", 0.5, 2.5)
        .MaxLength("name", 8)
        .MaxLength("bag", 2)
        .MaxLength("flags", 2)
        .Type("flags.*", ValueKind.Boolean)
        .Between("bag.*.count", 1L, 99L)
        .Type("bag.*.item", ValueKind.String)
        .Strict("bag.*")
        .Open("pet")
        .Build();

    private static readonly KindRegistry Kinds = new(
    [
        new Kind { Name = "thing", Template = Defaults, Schema = Schema, Intents = new Dictionary<string, IntentHandler> { ["pay"] = Pay } },
        new Kind { Name = "hero", Schema = Schema },
        new Kind
        {
            Name = "body",
            Schema = new KindSchemaBuilder().Between("mood", 0L, 10L).Strict("").Type("n", ValueKind.Int64).Build(),
            Durability = new Dictionary<string, PropertyDurability> { ["mood"] = PropertyDurability.Deferred },
        },
    ]);

    public static TheoryData<string, string, string, string> Refused => new()
    {
        { "a number where text was", """{"set":{"name":5}}""", "document.wrong_type", "name" },
        { "a double where an integer was", """{"set":{"level":1.0}}""", "document.wrong_type", "level" },
        { "an integer where a double was", """{"set":{"speed":1}}""", "document.wrong_type", "speed" },
        { "text where a map was", """{"set":{"currency":"all"}}""", "document.wrong_type", "currency" },
        { "a map where an integer was", """{"set":{"level":{"of":"all"}}}""", "document.wrong_type", "level" },
        { "text where a time was", """{"set":{"born":"yesterday"}}""", "document.wrong_type", "born" },
        { "an unknown property", """{"set":{"cheats":1}}""", "document.unknown_property", "cheats" },
        { "an unknown property below", """{"set":{"currency.stars":1}}""", "document.unknown_property", "currency.stars" },
        { "an unknown property in a map that is set", """{"set":{"currency":{"gold":1,"stars":1}}}""", "document.unknown_property", "currency.stars" },
        { "an unknown property by an increment", """{"add":{"stars":1}}""", "document.unknown_property", "stars" },
        { "too much", """{"set":{"currency.gold":1001}}""", "document.out_of_bounds", "currency.gold" },
        { "too little", """{"set":{"currency.gold":-1}}""", "document.out_of_bounds", "currency.gold" },
        { "too much in a map that is set", """{"set":{"currency":{"gold":1001}}}""", "document.out_of_bounds", "currency.gold" },
        { "too much by an increment", """{"add":{"currency.gold":991}}""", "document.out_of_bounds", "currency.gold" },
        { "too fast", """{"set":{"speed":2.75}}""", "document.out_of_bounds", "speed" },
        { "too long a text", """{"set":{"name":"Bartholomew"}}""", "document.too_many_items", "name" },
        { "too long a list", """{"push":{"bag":[{"count":1},{"count":1},{"count":1}]}}""", "document.too_many_items", "bag" },
        { "too many keys", """{"set":{"flags.a":true,"flags.b":true,"flags.c":true}}""", "document.too_many_items", "flags" },
        { "a wrong value under any key", """{"set":{"flags.a":1}}""", "document.wrong_type", "flags.a" },
        { "a wrong item", """{"push":{"bag":[5]}}""", "document.wrong_type", "bag[0]" },
        { "a wrong property of an item", """{"push":{"bag":[{"count":100}]}}""", "document.out_of_bounds", "bag[0].count" },
        { "an unknown property of an item", """{"push":{"bag":[{"count":1},{"curse":1}]}}""", "document.unknown_property", "bag[1].curse" },
        { "a wrong property of an item that another has moved", """{"push":{"bag":[{"count":0}]},"front":{"bag":{"count":1}}}""", "document.out_of_bounds", "bag[1].count" },
    };

    public static TheoryData<string, string> Accepted => new()
    {
        { "values within the bounds", """{"set":{"currency.gold":1000,"speed":0.5,"name":"Barthol."},"add":{"currency.gems":-5}}""" },
        { "anything in an open map", """{"set":{"pet.name":"Tom","pet.toys":[1,"two"]}}""" },
        { "keys of a map that was empty", """{"set":{"flags.a":true,"flags.b":false}}""" },
        { "items that fit", """{"push":{"bag":[{"count":1,"item":"lamp"},{"count":99}]}}""" },
        { "that a property goes", """{"remove":["currency.gold","name","never"]}""" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_change_that_does_not_fit_the_schema_is_refused_with_its_code_and_path(string what, string change, string code, string path) => World.Run(async world =>
    {
        what.ShouldNotBeEmpty();
        var node = await world.StartAsync(kinds: Kinds);
        await node.Do(Make.Set(A, "pet.age", 3));
        var before = await node.Json(A);
        var refusal = await node.Try(Written(A, change));
        (refusal!.Code, refusal.DocumentError.Code(), refusal.Path).ShouldBe((RefusalCode.Document, code, path));
        (await node.Json(A)).ShouldBe(before);
        (await node.Do(Make.Set(A, "level", 2))).ShouldBe(2);
    });

    [Theory]
    [MemberData(nameof(Accepted))]
    public void A_change_that_fits_is_made(string what, string change) => World.Run(async world =>
    {
        what.ShouldNotBeEmpty();
        var node = await world.StartAsync(kinds: Kinds);
        (await node.Do(Written(A, change))).ShouldBe(1);
    });

    [Fact]
    public void An_entity_is_not_made_by_a_change_that_does_not_fit() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Kinds);
        (await node.Try(Make.Set(A, "level", 2), Make.Set(World.KeyIn(1), "cheats", 1)))!.DocumentError.ShouldBe(DocumentError.UnknownProperty);
        (await node.Json(A)).ShouldBe("none");
    });

    [Fact]
    public void An_intent_is_held_to_the_schema() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Kinds);
        (await node.Do(Make.Intent(A, "pay", """{"amount":10}"""))).ShouldBe(1);
        var refusal = await node.Try(Make.Intent(A, "pay", """{"amount":1}"""));
        (refusal!.DocumentError, refusal.Path).ShouldBe((DocumentError.OutOfBounds, "currency.gold"));
    });

    [Theory]
    [InlineData("""{"level":"one"}""", DocumentError.WrongType, "level")]
    [InlineData("""{"stars":1}""", DocumentError.UnknownProperty, "stars")]
    [InlineData("""{"$$users":{}}""", DocumentError.Reserved, null)]
    public void The_template_of_a_first_writer_is_held_to_the_schema(string template, DocumentError error, string? path) => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Kinds);
        var hero = World.KeyIn(0, kind: "hero");
        var refusal = (await node.Open(hero, 1, template: template).Opened).Refusal;
        (refusal!.Code, refusal.DocumentError, refusal.Path).ShouldBe((RefusalCode.Document, error, path));
        (await node.Try(Make.Set(hero, "level", 1) with { Template = DocumentJson.Parse(template).ToBytes() }))!.DocumentError.ShouldBe(error);
        (await node.Json(hero)).ShouldBe("none");
    });

    [Fact]
    public void A_rollback_is_held_to_the_schema_of_today() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: new KindRegistry([new Kind { Name = "thing" }]));
        await node.Do(Make.Set(A, "level", "one"));
        await node.Do(Make.Set(A, "level", 1));
        await node.StopAsync();
        node = await world.StartAsync(kinds: Kinds);
        var refusal = await node.Try(Make.Restore(A, 1));
        (refusal!.DocumentError, refusal.Path).ShouldBe((DocumentError.WrongType, "level"));
        (await node.Do(Make.Restore(A, 2))).ShouldBe(3);
    });

    [Fact]
    public void What_was_stored_before_the_schema_stays_as_long_as_nothing_touches_it() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: new KindRegistry([new Kind { Name = "thing" }]));
        await node.Do(Make.Set(A, "cheats", 1));
        await node.StopAsync();
        node = await world.StartAsync(kinds: Kinds);
        (await node.Do(Make.Set(A, "level", 2))).ShouldBe(2);
        (await node.Try(Make.Set(A, "cheats", 2)))!.DocumentError.ShouldBe(DocumentError.UnknownProperty);
        (await node.Do(Make.Delta(A, delta => delta.Remove("cheats")))).ShouldBe(3);
    });

    [Theory]
    [InlineData("""{"bag":[{"count":1},{"count":2},{"count":3},{"count":4}]}""", 3)]
    [InlineData("""{"bag":[{"count":1},"two"]}""", 0)]
    [InlineData("""{"bag":[{"count":1},"two"]}""", 1)]
    public void An_item_can_be_taken_out_of_a_list_whatever_else_was_stored_before_the_schema(string stored, int index) => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: new KindRegistry([new Kind { Name = "thing" }]));
        await node.Do(Make.Set(A, "bag", DocumentJson.Parse(stored).Root["bag"]));
        await node.StopAsync();
        node = await world.StartAsync(kinds: Kinds);
        (await node.Do(Make.Delta(A, delta => delta.Remove(((Documents.Path)"bag").Child(index))))).ShouldBe(2);
        (await node.Do(Make.Delta(A, delta => delta.Clear("bag")))).ShouldBe(3);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_refused_change_of_a_Deferred_property_does_not_keep_the_entity_in_memory(bool isRefused) => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Kinds);
        await node.Do(Make.Set(Body, "n", 1));
        if (isRefused)
            (await node.Try(Make.Set(Body, "mood", 11)))!.DocumentError.ShouldBe(DocumentError.OutOfBounds);
        node.Checkpoint();
        world.Pass((World.Options.UnloadAfter.TotalSeconds * 3) + 1);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(0);
        (await node.Json(Body)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_refused_change_of_a_Deferred_property_leaves_those_that_wait_for_their_record() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Kinds);
        await node.Do(Make.Set(Body, "n", 1));
        await node.Do(Make.Set(Body, "mood", 5));
        (await node.Try(Make.Set(Body, "mood", 11)))!.DocumentError.ShouldBe(DocumentError.OutOfBounds);
        await node.StopAsync();
        node = await world.StartAsync(kinds: Kinds);
        (await node.Json(Body)).ShouldBe("""{"mood":5,"n":1}""");
    });

    [Fact]
    public void A_Deferred_property_is_held_to_the_schema_before_any_record_has_it() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Kinds);
        await node.Do(Make.Set(Body, "n", 1));
        await node.Do(Make.Set(Body, "mood", 5));
        (await node.Try(Make.Add(Body, "mood", 6)))!.ShouldSatisfyAllConditions(
            refusal => refusal.DocumentError.ShouldBe(DocumentError.OutOfBounds), refusal => refusal.Path.ShouldBe("mood"));
        (await node.Json(Body)).ShouldBe("""{"mood":5,"n":1}""");
        await node.Do(Make.Set(Body, "n", 2));
        (await node.Json(Body, 2)).ShouldBe("""{"mood":5,"n":2}""");
    });

    [Fact]
    public void A_template_that_does_not_fit_its_schema_fails_the_start() =>
        Should.Throw<ArgumentException>(() => new KindRegistry([new Kind { Name = "thing", Template = Defaults, Schema = new KindSchemaBuilder().From(Defaults).Between("level", 5L, 9L).Build() }]))
            .Message.ShouldContain("The template of the kind 'thing' does not fit its schema: document.out_of_bounds at 'level'.");

    private static string? Pay(IntentContext context)
    {
        context.Delta.Increment("currency.gold", -context.Arguments.Root["amount"].AsInt64());
        return null;
    }

    private static Mutation Written(EntityKey key, string change) => Make.Delta(key, delta =>
    {
        var root = DocumentJson.Parse(change).Root;
        foreach (var (path, value) in root.TryGet("set", out var sets) ? sets.AsMap() : new MapValue())
            delta.Set(path, value);
        foreach (var (path, value) in root.TryGet("add", out var adds) ? adds.AsMap() : new MapValue())
            delta.Increment(path, value.AsInt64());
        foreach (var (path, items) in root.TryGet("push", out var pushes) ? pushes.AsMap() : new MapValue())
        {
            for (var i = 0; i < items.AsList().Count; i++)
                delta.Insert(((Documents.Path)path).Child(i), items.AsList()[i]);
        }

        foreach (var (path, value) in root.TryGet("front", out var fronts) ? fronts.AsMap() : new MapValue())
            delta.Insert(((Documents.Path)path).Child(0), value);
        foreach (var path in root.TryGet("remove", out var removes) ? removes.AsList() : new ListValue())
            delta.Remove(path.AsString());
    });
}
