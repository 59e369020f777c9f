using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;
using Savepoint.Hosting;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Characters.State;

/// <summary>
/// The kind <c>roster</c>: which characters a user has, as a map from their folded names to their ids. It changes in the same unit as they come and go, so that no
/// user has two of a name, or more than may be. Only this module changes it.
/// </summary>
internal static class Roster
{
    public const string KindName = "roster";

    private const string Names = "names", AddIntent = "add", RemoveIntent = "remove";
    private const string NameArgument = "name", IdArgument = "id", AloneArgument = "alone";

    private static readonly Path NamesPath = Names;

    public static void Add(SavepointBuilder savepoint, CharactersOptions options) => savepoint.AddModuleKind(KindName, kind => kind
        .Template(new TemplateBuilder().Set(NamesPath, new MapValue()).Build())
        .TemplateVersion(1)
        .Strict(schema => schema.Type(NamesPath.Child("*"), ValueKind.String))
        .Intent(AddIntent, context => AddCharacter(context, options.MaxPerUser))
        .Intent(RemoveIntent, RemoveCharacter)
        .Access(new KindAccess
        {
            Paths = [new PathRule(Path.Root) { Writers = AccessRoles.None }],
            Intents = new Dictionary<string, IntentRule>(StringComparer.Ordinal)
            {
                [AddIntent] = new IntentRule { Roles = AccessRoles.None },
                [RemoveIntent] = new IntentRule { Roles = AccessRoles.None },
            },
            Senders = AccessRoles.None,
            Holders = AccessRoles.None,
        }));

    public static EntityKey KeyOf(string userId) => new(KindName, userId);

    /// <summary>The characters in a roster, by folded name in ordinal order.</summary>
    public static MapValue CharactersIn(Document roster) => roster.Root[Names].AsMap();

    /// <summary>The entry of a new character.</summary>
    public static Mutation Adding(string userId, string foldedName, string id) => Asking(userId, AddIntent, new MapBuilder { { NameArgument, foldedName }, { IdArgument, id } });

    /// <summary>The end of a character's entry.</summary>
    public static Mutation Removing(string userId, string id) => Asking(userId, RemoveIntent, new MapBuilder { { IdArgument, id } });

    /// <summary>The end of an entry whose character is gone already; refused where there is no such entry.</summary>
    public static Mutation RemovingAlone(string userId, string id) => Asking(userId, RemoveIntent, new MapBuilder { { IdArgument, id }, { AloneArgument, true } });

    private static Mutation Asking(string userId, string intent, MapBuilder arguments) =>
        new() { Key = KeyOf(userId), Kind = MutationKind.Intent, Intent = intent, Payload = new Document(arguments.Build()).ToBytes() };

    private static string? AddCharacter(IntentContext context, int most)
    {
        var (characters, arguments) = (CharactersIn(context.Document), context.Arguments.Root);
        var name = arguments[NameArgument].AsString();
        if (characters.ContainsKey(name))
            return CharacterErrorCodes.NameTaken;
        if (characters.Count >= most)
            return CharacterErrorCodes.TooManyCharacters;
        context.Delta.Set(NamesPath.Child(name), arguments[IdArgument]);
        return null;
    }

    private static string? RemoveCharacter(IntentContext context)
    {
        var arguments = context.Arguments.Root;
        var gone = arguments[IdArgument].AsString();
        var isThere = !arguments.ContainsKey(AloneArgument);
        foreach (var (name, id) in CharactersIn(context.Document))
        {
            if (id.AsString() != gone)
                continue;
            context.Delta.Remove(NamesPath.Child(name));
            isThere = true;
        }

        return isThere ? null : CharacterErrorCodes.CharacterNotFound;
    }
}
