using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Users;

/// <summary>The kind <c>sp-user</c>: its entities list, under <c>entities</c>, what a user is tagged on, as <c>kind/id</c>, and since when.</summary>
public static class UserIndex
{
    /// <summary>The intent that adds an entity; its argument <c>entity</c> is <c>kind/id</c>.</summary>
    public const string Add = OwnIntents.Prefix + "add-entity";

    /// <summary>The intent that takes an entity away; its argument <c>entity</c> is <c>kind/id</c>.</summary>
    public const string Remove = OwnIntents.Prefix + "remove-entity";

    /// <summary>The intent that takes an entity away of which nothing is left, as <see cref="Remove"/> does, which is for entities that exist.</summary>
    public const string Forget = OwnIntents.Prefix + "forget-entity";

    /// <summary>The most entities that a user may be tagged on.</summary>
    public const int MaxEntities = 10_000;

    internal const string EntityArgument = "entity";
    private const string Entities = "entities";

    internal static Kind Kind { get; } = new()
    {
        Name = UserTags.IndexKind,
        IsOwnedBySavepoint = true,
        IsClosed = true,
        Limits = new DocumentLimits { MaxKeyLength = 512, MaxDocumentBytes = 8 << 20 },
        Intents = new Dictionary<string, IntentHandler>(StringComparer.Ordinal) { [Add] = AddEntity, [Remove] = RemoveEntity, [Forget] = RemoveEntity },
    };

    /// <summary>The mutation by which an index forgets an entity of which nothing is left.</summary>
    public static Mutation Forgetting(string userId, EntityKey key) => new()
    {
        Key = UserTags.IndexOf(userId),
        Kind = MutationKind.Intent,
        Intent = Forget,
        Payload = UserTags.Arguments(EntityArgument, key.ToString()),
    };

    /// <summary>The entities that an index lists.</summary>
    public static IReadOnlyList<EntityKey> EntitiesIn(Document index)
    {
        ArgumentNullException.ThrowIfNull(index);
        var keys = new List<EntityKey>();
        foreach (var (entity, _) in EntriesOf(index))
        {
            if (Read(entity) is { } key)
                keys.Add(key);
        }

        return keys;
    }

    internal static EntityKey? Read(string entity)
    {
        var slash = entity.IndexOf('/', StringComparison.Ordinal);
        return slash <= 0 || slash == entity.Length - 1 ? null : new EntityKey(entity[..slash], entity[(slash + 1)..]);
    }

    private static MapValue EntriesOf(Document index) =>
        index.Root.TryGet(Entities, out var value) && value.Kind == ValueKind.Map ? value.AsMap() : new MapValue();

    private static string? AddEntity(IntentContext context)
    {
        if (OwnIntents.Text(context, EntityArgument) is not { } entity || Read(entity) is null)
            return OwnIntents.Malformed;
        var entries = EntriesOf(context.Document);
        if (entries.ContainsKey(entity))
            return null;
        if (entries.Count >= MaxEntities)
            return "tag.too_many_entities";
        OwnIntents.Put(context, Entities, entity, context.Now);
        return null;
    }

    private static string? RemoveEntity(IntentContext context)
    {
        if (OwnIntents.Text(context, EntityArgument) is not { } entity)
            return OwnIntents.Malformed;
        if (EntriesOf(context.Document).ContainsKey(entity))
            context.Delta.Remove(Documents.Path.Root.Child(Entities).Child(entity));
        return null;
    }
}
