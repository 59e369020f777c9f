using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Savepoint.Documents;
using Savepoint.Engine.Users;

namespace Savepoint.Engine.Kinds;

/// <summary>
/// The intents that Savepoint itself has on every kind: their handlers alone may change what is Savepoint's own in a document. They never make an entity.
/// </summary>
internal static class OwnIntents
{
    /// <summary>What their names begin with; no intent of a game may be named so.</summary>
    public const string Prefix = "sp.";

    public const string Malformed = "intent.malformed";

    private static readonly FrozenDictionary<string, IntentHandler> Handlers = new Dictionary<string, IntentHandler>(StringComparer.Ordinal)
    {
        [UserTags.Tag] = TagUser,
        [UserTags.Untag] = UntagUser,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool TryGet(string intent, [NotNullWhen(true)] out IntentHandler? handler)
    {
        handler = null;
        return intent.StartsWith(Prefix, StringComparison.Ordinal) && Handlers.TryGetValue(intent, out handler);
    }

    public static string? Text(IntentContext context, string argument) =>
        context.Arguments.Root.TryGet(argument, out var value) && value.Kind == ValueKind.String && value.AsString() is { Length: > 0 } text ? text : null;

    /// <summary>Puts a value into a map of the document, which is made where it is missing.</summary>
    public static void Put(IntentContext context, string map, string key, Value value)
    {
        if (context.Document.Root.TryGet(map, out var present) && present.Kind == ValueKind.Map)
            context.Delta.Set(Documents.Path.Root.Child(map).Child(key), value);
        else
            context.Delta.Set(Documents.Path.Root.Child(map), new MapBuilder { { key, value } });
    }

    private static string? TagUser(IntentContext context)
    {
        if (Text(context, UserTags.UserArgument) is not { Length: <= UserTags.MaxIdLength } user)
            return Malformed;
        var users = UserTags.In(context.Document);
        if (users.Contains(user))
            return null;
        if (users.Count >= UserTags.MaxUsers)
            return "tag.too_many_users";
        Put(context, ReservedKeys.Users, user, context.Now);
        return null;
    }

    private static string? UntagUser(IntentContext context)
    {
        if (Text(context, UserTags.UserArgument) is not { } user)
            return Malformed;
        if (UserTags.In(context.Document).Contains(user))
            context.Delta.Remove(Documents.Path.Root.Child(ReservedKeys.Users).Child(user));
        return null;
    }
}
