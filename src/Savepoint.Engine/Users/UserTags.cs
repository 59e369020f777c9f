using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Users;

/// <summary>
/// The users whose data an entity holds. They stand in its document, as <c>$users</c>, and each has an index, the entity <c>sp-user/&lt;user id&gt;</c>, which lists
/// the entities; the engine refuses a unit that changes one without the other. The index keeps an entity that is removed, since its old versions are data of the
/// user still, and forgets it once it is untagged or erased.
/// </summary>
public static class UserTags
{
    /// <summary>The kind of the indexes.</summary>
    public const string IndexKind = "sp-user";

    /// <summary>The intent that tags an entity of any kind; its argument <c>user</c> is the user's id.</summary>
    public const string Tag = OwnIntents.Prefix + "tag-user";

    /// <summary>The intent that takes the tag away again; its argument <c>user</c> is the user's id.</summary>
    public const string Untag = OwnIntents.Prefix + "untag-user";

    /// <summary>The most users that an entity may be tagged with.</summary>
    public const int MaxUsers = 100;

    /// <summary>The longest id of a user that can be tagged, in UTF-16 units: it is a key in documents.</summary>
    public const int MaxIdLength = 128;

    internal const string UserArgument = "user";

    /// <summary>The two mutations that tag an entity, which belong into one unit.</summary>
    /// <param name="key">The entity; it has to exist.</param>
    /// <param name="userId">The user.</param>
    /// <param name="session">The number of the session under which it is done; 0 without one.</param>
    public static Mutation[] TagBy(EntityKey key, string userId, long session = 0) => Pair(key, userId, session, Tag, UserIndex.Add);

    /// <summary>The two mutations that take a tag away, which belong into one unit.</summary>
    /// <param name="key">The entity; it has to exist.</param>
    /// <param name="userId">The user.</param>
    /// <param name="session">The number of the session under which it is done; 0 without one.</param>
    public static Mutation[] UntagBy(EntityKey key, string userId, long session = 0) => Pair(key, userId, session, Untag, UserIndex.Remove);

    /// <summary>The ids of the users that a document is tagged with, in ordinal order.</summary>
    public static IReadOnlyList<string> In(Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var users = new List<string>();
        if (!document.Root.TryGet(ReservedKeys.Users, out var value) || value.Kind != ValueKind.Map)
            return users;
        foreach (var (user, _) in value.AsMap())
            users.Add(user);
        return users;
    }

    /// <summary>The index of a user.</summary>
    public static EntityKey IndexOf(string userId) => new(IndexKind, userId);

    private static Mutation[] Pair(EntityKey key, string userId, long session, string tag, string index) =>
    [
        new Mutation { Key = key, Kind = MutationKind.Intent, Intent = tag, Session = session, Payload = Arguments(UserArgument, userId) },
        new Mutation { Key = IndexOf(userId), Kind = MutationKind.Intent, Intent = index, Payload = Arguments(UserIndex.EntityArgument, key.ToString()) },
    ];

    internal static byte[] Arguments(string name, string value) => new Document(new MapBuilder { { name, Value.From(value) } }.Build()).ToBytes();
}
