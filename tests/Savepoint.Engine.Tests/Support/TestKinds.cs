namespace Savepoint.Engine.Tests;

/// <summary>The kinds that the tests use.</summary>
internal static class TestKinds
{
    public static KindRegistry All { get; } = new(
    [
        new Kind { Name = "thing", Intents = Intents() },
        new Kind { Name = "hero", Template = new Template(DocumentJson.Parse("""{"level":1,"gold":10}""")) },
        new Kind { Name = "open", SessionsExclude = false },
        new Kind { Name = "deep", Limits = new DocumentLimits { MaxDepth = 40 } },
        new Kind { Name = "item", Owner = id => id.Split(':')[0] },
        new Kind
        {
            Name = "body",
            Intents = Intents(),
            Durability = new Dictionary<string, PropertyDurability>
            {
                ["mood"] = PropertyDurability.Deferred,
                ["place"] = PropertyDurability.Transient,
            },
        },
    ]);

    public static string OwnerOf(EntityKey key)
    {
        All.TryGet(key.Kind, out var kind);
        return kind!.Owner(key.Id);
    }

    private static Dictionary<string, IntentHandler> Intents() => new()
    {
        ["spend"] = context =>
        {
            var amount = context.Arguments.Root["amount"].AsInt64();
            var gold = context.Document.Root.TryGet("gold", out var value) ? value.AsInt64() : 0;
            if (gold < amount)
                return "not_enough_gold";
            context.Delta.Increment("gold", -amount);
            context.Delta.Set("by", context.Actor);
            return null;
        },
        ["crash"] = _ => throw new InvalidOperationException("a bug of the game"),
        ["nothing"] = _ => null,
        ["wrong"] = context =>
        {
            context.Delta.Increment("gold", 1);
            context.Delta.Increment("name", 1);
            return null;
        },
    };
}
