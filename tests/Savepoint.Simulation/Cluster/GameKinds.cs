using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;

namespace Savepoint.Simulation;

/// <summary>The kinds of entities in a simulated game.</summary>
internal static class GameKinds
{
    public const long FirstGold = 100;

    /// <summary>How many heroes there are.</summary>
    public const int Heroes = 6;

    /// <summary>What a migration says that it was there, and how often.</summary>
    public const string Migrated = "migrated";

    /// <summary>The kinds of the first release of the game.</summary>
    public static KindRegistry All { get; } = Release(0);

    /// <summary>The kinds of the second: documents of the first are migrated when they come into memory.</summary>
    public static KindRegistry Second { get; } = Release(1);

    /// <summary>
    /// The kinds that a node knows. A game goes on to its second release with its third node. Where several share the shards it begins with that: a node of the first
    /// would refuse the documents of the second.
    /// </summary>
    /// <param name="node">The number of the node; the first is 1.</param>
    /// <param name="isShared">Whether several nodes share the shards.</param>
    public static KindRegistry Of(int node, bool isShared) => isShared || node > 2 ? Second : All;

    private static KindRegistry Release(int templateVersion) => new(
    [
        new Kind { Name = "counter" },
        new Kind
        {
            Name = "account",
            Template = new Template(DocumentJson.Parse("""{"gold":100}""")),
            TemplateVersion = templateVersion,
            Migrations = Migrations(templateVersion),
        },
        new Kind { Name = "register" },
        new Kind { Name = "thing", TemplateVersion = templateVersion, Migrations = Migrations(templateVersion) },
        new Kind { Name = "hero" },
        new Kind { Name = "profile", Template = new Template(DocumentJson.Parse("""{"level":1,"gold":0}""")) },
        new Kind
        {
            Name = "body",
            Durability = new Dictionary<string, PropertyDurability>(StringComparer.Ordinal)
            {
                ["mood"] = PropertyDurability.Deferred,
                ["place"] = PropertyDurability.Transient,
            },
        },
    ]);

    private static ITemplateMigration[] Migrations(int count) =>
        [.. Enumerable.Range(0, count).Select(from => new TemplateMigration(from, context => context.Delta.Increment(Migrated, 1)))];

    public static int ShardOf(in EntityKey key, int shards) =>
        All.TryGet(key.Kind, out var kind) ? ShardHash.ShardOf(kind.Owner(key.Id), shards) : throw new ArgumentException($"{key} has no kind.", nameof(key));

    /// <summary>Whether game servers play it, through the SDK.</summary>
    public static bool IsPlayedBySdk(in EntityKey key) => key.Kind == "hero";

    /// <summary>What a document of its kind starts from.</summary>
    public static Document NewDocument(in EntityKey key) =>
        All.TryGet(key.Kind, out var kind) && kind.Template is { } template ? template.CreateDocument() : new Document();

    /// <summary>Whether it has properties that change without a version.</summary>
    public static bool HasOverlay(in EntityKey key) => All.TryGet(key.Kind, out var kind) && kind.Durability.Count > 0;

    public static PropertyDurability DurabilityOf(in EntityKey key, string property) =>
        All.TryGet(key.Kind, out var kind) && kind.Durability.TryGetValue(property, out var durability) ? durability : PropertyDurability.Durable;

    public static EntityKey Counter(int number) => new("counter", $"c{number}");

    public static EntityKey Account(int number) => new("account", $"a{number}");

    public static EntityKey Register(int number) => new("register", $"r{number}");

    public static EntityKey Thing(int number) => new("thing", $"t{number}");

    public static EntityKey Body(int number) => new("body", $"b{number}");

    public static EntityKey Hero(int number) => new("hero", $"h{number}");

    public static EntityKey Profile(int number) => new("profile", $"p{number}");
}
