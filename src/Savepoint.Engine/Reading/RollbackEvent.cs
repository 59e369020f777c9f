using System.Globalization;

namespace Savepoint.Engine.Reading;

/// <summary>The event type of a record that brought an old version back.</summary>
public static class RollbackEvent
{
    /// <summary>What its name begins with; no intent may be named so.</summary>
    public const string Prefix = "rollback:";

    /// <summary>The event type of a rollback to a version.</summary>
    public static string To(long version) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{version}");

    /// <summary>The version that an event brought back; null when it is no rollback.</summary>
    public static long? VersionIn(string? eventType) =>
        eventType?.StartsWith(Prefix, StringComparison.Ordinal) == true
        && long.TryParse(eventType.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;
}
