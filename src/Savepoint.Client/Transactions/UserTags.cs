using Savepoint.Documents;

namespace Savepoint.Client;

/// <summary>How users are tagged: the entity and the user's index change in one unit.</summary>
internal static class UserTags
{
    public const int MaxIdLength = 128;
    public const string Property = "$users";
    public const string IndexKind = "sp-user";
    public const string Tag = "sp.tag-user";
    public const string Untag = "sp.untag-user";
    public const string AddEntity = "sp.add-entity";
    public const string RemoveEntity = "sp.remove-entity";

    public static Document Arguments(string name, string value) => new(new MapBuilder { { name, Value.From(value) } }.Build());

    /// <summary>The users that a value of <see cref="Property"/> names.</summary>
    public static IReadOnlyList<string> In(Value users)
    {
        var ids = new List<string>();
        if (users.Kind == ValueKind.Map)
        {
            foreach (var user in users.AsMap())
                ids.Add(user.Key);
        }

        return ids;
    }
}
