using Savepoint.Engine.Kinds;
using Savepoint.Hosting;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Characters.State;

/// <summary>
/// The kind <c>character</c>. Its entities are made and removed by this module together with their entry in the roster, and change by intents only: nobody but an
/// admin writes to them directly, and nobody holds sessions. Players may ask for intents of their own characters, game servers and services for those of all.
/// </summary>
public static class CharacterKind
{
    /// <summary>The kind's name.</summary>
    public const string Name = "character";

    /// <summary>The intent by which this module makes characters; nobody else may ask for it.</summary>
    public const string Make = "make";

    /// <summary>The permission to create characters, as if it were an intent.</summary>
    public const string Create = "create";

    /// <summary>The permission to delete characters, as if it were an intent.</summary>
    public const string Delete = "delete";

    private const AccessRoles Askers = AccessRoles.Backend | AccessRoles.Player;

    /// <summary>Registers it.</summary>
    /// <param name="savepoint">The server.</param>
    /// <param name="intents">All that can be asked of a character.</param>
    internal static void Add(SavepointBuilder savepoint, IReadOnlyList<IIntent> intents) => savepoint.AddModuleKind(Name, kind => kind
        .Template(CharacterDocument.Template())
        .TemplateVersion(1)
        .Strict(CharacterDocument.Restrict)
        .Owner(CharacterId.OwnerOf)
        .Intent(Make, MakeCharacter)
        .Intents(intents)
        .Access(AccessTo(intents)));

    private static KindAccess AccessTo(IReadOnlyList<IIntent> intents)
    {
        var rules = intents.ToDictionary(intent => intent.Name, _ => new IntentRule { Roles = Askers }, StringComparer.Ordinal);
        rules[Create] = rules[Delete] = new IntentRule { Roles = Askers };
        rules[Make] = new IntentRule { Roles = AccessRoles.None };
        return new KindAccess
        {
            Paths = [new PathRule(Path.Root) { Writers = AccessRoles.None }],
            Intents = rules,
            Senders = AccessRoles.None,
            Holders = AccessRoles.None,
        };
    }

    /// <summary>The arguments are what <see cref="CharacterDocument.Write"/> makes.</summary>
    private static string? MakeCharacter(IntentContext context)
    {
        if (CharacterDocument.IsCharacter(context.Document))
            return CharacterErrorCodes.CharacterExists;
        foreach (var (key, value) in context.Arguments.Root)
            context.Delta.Set(Path.Root.Child(key), value);
        return null;
    }
}
