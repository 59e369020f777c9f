using Savepoint.Engine.Kinds;

namespace Savepoint.Server.Configuration;

/// <summary>Who may do what with the entities of a kind (docs/how-to/permissions.md). Takes the place of what the kind says itself.</summary>
public sealed class PermissionOptions
{
    /// <summary>Rules for paths: of those that a path begins with, the one with the longest decides. By default none.</summary>
    public IList<PathPermissionOptions> Paths { get; } = [];

    /// <summary>Rules for intents. By default none.</summary>
    public IList<IntentPermissionOptions> Intents { get; } = [];

    /// <summary>Who may leave messages. The default value is <c>Backend</c>, which is game servers and services.</summary>
    public AccessRoles Senders { get; set; } = AccessRoles.Backend;

    /// <summary>Who may hold sessions. The default value is <c>GameServer</c>.</summary>
    public AccessRoles Holders { get; set; } = AccessRoles.GameServer;
}

/// <summary>Who may read and who may write a property and all that is below it.</summary>
public sealed class PathPermissionOptions
{
    /// <summary>The property: <c>currency.gold</c>; empty for the whole document.</summary>
    public string Path { get; set; } = "";

    /// <summary>Who may see it. The default value is <c>All</c>.</summary>
    public AccessRoles Readers { get; set; } = AccessRoles.All;

    /// <summary>The least level that it takes to see it. The default value is 0.</summary>
    public int ReadLevel { get; set; }

    /// <summary>Who may change it. The default value is <c>Backend</c>.</summary>
    public AccessRoles Writers { get; set; } = AccessRoles.Backend;

    /// <summary>The least level that it takes to change it. The default value is 0.</summary>
    public int WriteLevel { get; set; }
}

/// <summary>Who may ask for an intent.</summary>
public sealed class IntentPermissionOptions
{
    /// <summary>The name of the intent.</summary>
    public string Name { get; set; } = "";

    /// <summary>Who may. The default value is <c>Backend</c>.</summary>
    public AccessRoles Roles { get; set; } = AccessRoles.Backend;

    /// <summary>The least level that it takes. The default value is 0.</summary>
    public int Level { get; set; }
}
