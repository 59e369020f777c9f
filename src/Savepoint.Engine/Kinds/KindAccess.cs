using Savepoint.Documents;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Engine.Kinds;

/// <summary>
/// Who may do what with the entities of a kind. The engine keeps it with the kind; whoever authorizes requests enforces it. Players only ever reach what
/// they own, and people of support change nothing, whatever is said here; an admin may do everything.
/// </summary>
public sealed record KindAccess
{
    /// <summary>Servers and services may do everything but hold sessions as a service; players may read what they own.</summary>
    public static KindAccess Default { get; } = new();

    /// <summary>
    /// Rules for paths. The rule with the longest path that a path begins with decides; the rule of the root, where there is one, what no other decides. No two have
    /// the same path. By default there is none, which is as <c>new PathRule(Path.Root)</c>.
    /// </summary>
    public IReadOnlyList<PathRule> Paths { get; init; } = [];

    /// <summary>Rules for intents, by name. What is not named may be asked for by servers and services of any level, and by no player.</summary>
    public IReadOnlyDictionary<string, IntentRule> Intents { get; init; } = new Dictionary<string, IntentRule>(StringComparer.Ordinal);

    /// <summary>Who may leave messages. The default is servers and services.</summary>
    public AccessRoles Senders { get; init; } = AccessRoles.Backend;

    /// <summary>Who may hold sessions. The default is game servers.</summary>
    public AccessRoles Holders { get; init; } = AccessRoles.GameServer;
}

/// <summary>Who may read and who may write a property and all that is below it.</summary>
/// <param name="Path">The property: keys only, no list indexes. A path that leads through a list is ruled by what rules the list.</param>
public sealed record PathRule(Path Path)
{
    /// <summary>Who may see it; it is left out of what others read and watch. The default is everybody.</summary>
    public AccessRoles Readers { get; init; } = AccessRoles.All;

    /// <summary>The least level that it takes to see it. The default value is 0. Players have level 0.</summary>
    public int ReadLevel { get; init; }

    /// <summary>Who may change it. The default is servers and services.</summary>
    public AccessRoles Writers { get; init; } = AccessRoles.Backend;

    /// <summary>The least level that it takes to change it. The default value is 0. Players have level 0.</summary>
    public int WriteLevel { get; init; }
}

/// <summary>Who may ask for an intent. What it changes is its handler's business: rules of paths don't count.</summary>
public sealed record IntentRule
{
    /// <summary>Who may. The default is servers and services.</summary>
    public AccessRoles Roles { get; init; } = AccessRoles.Backend;

    /// <summary>The least level that it takes. The default value is 0. Players have level 0.</summary>
    public int Level { get; init; }
}

/// <summary>The roles that rules speak of. An admin may do everything and needs none.</summary>
[Flags]
public enum AccessRoles
{
    /// <summary>Nobody.</summary>
    None = 0,

    /// <summary>Trusted game servers.</summary>
    GameServer = 1,

    /// <summary>Players, for what they own.</summary>
    Player = 2,

    /// <summary>Services of the back end.</summary>
    Service = 4,

    /// <summary>People who help players.</summary>
    Support = 8,

    /// <summary>Game servers and services.</summary>
    Backend = GameServer | Service,

    /// <summary>Everybody.</summary>
    All = GameServer | Player | Service | Support,
}
