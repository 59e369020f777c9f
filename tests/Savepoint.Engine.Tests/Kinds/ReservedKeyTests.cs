namespace Savepoint.Engine.Tests;

/// <summary>Top-level keys that begin with a dollar sign are Savepoint's own.</summary>
public sealed class ReservedKeyTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Theory]
    [InlineData("set")]
    [InlineData("set below")]
    [InlineData("add")]
    [InlineData("remove")]
    [InlineData("clear")]
    [InlineData("clear all")]
    [InlineData("second")]
    public void No_delta_changes_them(string what) => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Game.Release(1));
        await node.Do(Make.Set(A, "n", 1));
        var refusal = await node.Try(Make.Delta(A, delta => Write(delta, what)));
        (refusal!.Code, refusal.DocumentError).ShouldBe((RefusalCode.Document, DocumentError.Reserved));
        refusal.Path.ShouldBe(what switch
        {
            "clear all" => "",
            "set below" => "$users.u1",
            "remove" or "add" => "$template",
            "set" => "$own",
            _ => "$users",
        });
        (await node.Json(A)).ShouldBe("""{"$$template":1,"n":1}""");
    });

    [Fact]
    public void No_intent_changes_them_nor_makes_an_entity_with_them() => World.Run(async world =>
    {
        var intents = new Dictionary<string, IntentHandler> { ["take"] = context => Take(context.Delta) };
        var node = await world.StartAsync(kinds: new KindRegistry([new Kind { Name = "thing", Intents = intents }]));
        (await node.Try(Make.Intent(A, "take")))!.DocumentError.ShouldBe(DocumentError.Reserved);
        (await node.Json(A)).ShouldBe("none");
    });

    [Fact]
    public void Elsewhere_the_sign_is_like_any_other() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Delta(A, delta =>
        {
            delta.Set("price", "$5");
            delta.Set("map.$inner", 1);
            delta.Set("us$", 2);
        }));
        await node.Do(Make.Delta(A, delta => delta.Clear(Documents.Path.Root)));
        (await node.Json(A)).ShouldBe("{}");
    });

    [Fact]
    public void A_rollback_keeps_the_users_that_are_tagged_now() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(A, "n", 2));
        await node.StopAsync();

        // No request tags a user: what Savepoint itself does is written to the store here.
        world.Database.Entities(0, entities =>
        {
            entities.Replace(entities.Find(A)! with { Document = DocumentJson.Parse("""{"$$users":{"u1":5},"n":2}""").ToBytes() });
            return true;
        });
        node = await world.StartAsync();
        (await node.Do(Make.Restore(A, 1))).ShouldBe(3);
        (await node.Json(A)).ShouldBe("""{"$$users":{"u1":5},"n":1}""");
    });

    [Theory]
    [InlineData("sp-user", false)]
    [InlineData("user", true)]
    public void Names_that_begin_with_sp_are_for_kinds_of_Savepoint_alone(string name, bool isOwned) =>
        Should.Throw<ArgumentException>(() => new KindRegistry([new Kind { Name = name, IsOwnedBySavepoint = isOwned }])).Message.ShouldContain("'sp-'");

    [Fact]
    public void Migrations_have_to_lead_to_the_template_version()
    {
        Should.Throw<ArgumentException>(() => new KindRegistry([new Kind { Name = "thing", TemplateVersion = 3, Migrations = [new TemplateMigration(0, null), new TemplateMigration(2, null)] }]));
        Should.Throw<ArgumentException>(() => new KindRegistry([new Kind { Name = "thing", TemplateVersion = 3, Migrations = [new TemplateMigration(1, null)] }]));
        Should.Throw<ArgumentException>(() => new KindRegistry([new Kind { Name = "thing", Migrations = [new TemplateMigration(0, null)] }]));
        _ = new KindRegistry([new Kind { Name = "sp-other", IsOwnedBySavepoint = true, TemplateVersion = 3, Migrations = [new TemplateMigration(1, null), new TemplateMigration(2, null)] }]);
    }

    [Theory]
    [InlineData("migration:1")]
    [InlineData("hook:loaded")]
    public void No_intent_is_named_as_what_the_history_says_of_loading(string name) =>
        Should.Throw<ArgumentException>(() => new KindRegistry([new Kind { Name = "thing", Intents = new Dictionary<string, IntentHandler> { [name] = _ => null } }]));

    private static string? Take(DeltaWriter delta)
    {
        delta.Set("$users.u9", 1);
        return null;
    }

    private static void Write(DeltaWriter delta, string what)
    {
        switch (what)
        {
            case "set":
                delta.Set("$own", 1);
                break;
            case "set below":
                delta.Set("$users.u1", 1);
                break;
            case "add":
                delta.Increment("$template", 1);
                break;
            case "remove":
                delta.Remove("$template");
                break;
            case "clear":
                delta.Clear("$users");
                break;
            case "clear all":
                delta.Clear(Documents.Path.Root);
                break;
            default:
                delta.Set("n", 1);
                delta.Remove("$users");
                break;
        }
    }
}
