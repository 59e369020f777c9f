using System.Globalization;

namespace Savepoint.Engine.Kinds;

/// <summary>The event types of records that an entity got when it came into memory, and who made them.</summary>
public static class LoadEvent
{
    /// <summary>What the event type of a migration begins with; no intent may be named so.</summary>
    public const string MigrationPrefix = "migration:";

    /// <summary>The event type of a change that loaded hooks alone have made; no intent may be named so.</summary>
    public const string Hooks = "hook:loaded";

    /// <summary>The actor of such records.</summary>
    public const string Actor = "system";

    internal const string HookPrefix = "hook:";

    /// <summary>The event type of a migration to a template version.</summary>
    public static string MigrationTo(int version) => string.Create(CultureInfo.InvariantCulture, $"{MigrationPrefix}{version}");
}
