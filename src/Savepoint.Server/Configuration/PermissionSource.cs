using Savepoint.Engine.Kinds;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Server.Configuration;

/// <summary>Turns configured permissions into rules.</summary>
internal static class PermissionSource
{
    public static IReadOnlyDictionary<string, KindAccess> Read(IDictionary<string, PermissionOptions> permissions) =>
        permissions.ToDictionary(entry => entry.Key, entry => Access(entry.Value), StringComparer.Ordinal);

    /// <summary>Finds everything that is wrong with permissions, but for kinds that are not there, which is not known before all of them are registered.</summary>
    public static void Validate(IDictionary<string, PermissionOptions> permissions, List<string> errors)
    {
        foreach (var (kind, options) in permissions)
        {
            var place = $"{SavepointOptions.Section}:Permissions:{kind}";
            for (var i = 0; i < options.Paths.Count; i++)
                errors.AddRange(Faults(options.Paths[i], options.Paths.Take(i)).Select(fault => $"{place}:Paths:{i}:{fault}"));
            for (var i = 0; i < options.Intents.Count; i++)
                errors.AddRange(Faults(options.Intents[i], options.Intents.Take(i)).Select(fault => $"{place}:Intents:{i}:{fault}"));
            if ((options.Senders & ~AccessRoles.All) != AccessRoles.None)
                errors.Add($"{place}:Senders: is made of {Names}.");
            if ((options.Holders & ~AccessRoles.All) != AccessRoles.None)
                errors.Add($"{place}:Holders: is made of {Names}.");
        }
    }

    private static string Names => string.Join(", ", Enum.GetNames<AccessRoles>());

    private static IEnumerable<string> Faults(PathPermissionOptions rule, IEnumerable<PathPermissionOptions> before)
    {
        if (!Path.TryParse(rule.Path, out var path) || path.Segments.ToArray().Any(segment => segment.IsIndex))
            yield return $"Path: '{rule.Path}' is no path of keys such as currency.gold.";
        else if (before.Any(other => Path.TryParse(other.Path, out var taken) && taken == path))
            yield return $"Path: there is a rule for '{rule.Path}' already.";
        if (((rule.Readers | rule.Writers) & ~AccessRoles.All) != AccessRoles.None)
            yield return $"Readers: and Writers are made of {Names}.";
        if (rule.ReadLevel < 0 || rule.WriteLevel < 0)
            yield return "WriteLevel: and ReadLevel are not negative.";
    }

    private static IEnumerable<string> Faults(IntentPermissionOptions rule, IEnumerable<IntentPermissionOptions> before)
    {
        if (rule.Name.Length == 0 || before.Any(other => other.Name == rule.Name))
            yield return "Name: is that of an intent, which has one rule.";
        if ((rule.Roles & ~AccessRoles.All) != AccessRoles.None)
            yield return $"Roles: is made of {Names}.";
        if (rule.Level < 0)
            yield return "Level: is not negative.";
    }

    private static KindAccess Access(PermissionOptions options) => new()
    {
        Paths = [.. options.Paths.Select(rule => new PathRule(Path.Parse(rule.Path))
        {
            Readers = rule.Readers,
            ReadLevel = rule.ReadLevel,
            Writers = rule.Writers,
            WriteLevel = rule.WriteLevel,
        })],
        Intents = options.Intents.ToDictionary(rule => rule.Name, rule => new IntentRule { Roles = rule.Roles, Level = rule.Level }, StringComparer.Ordinal),
        Senders = options.Senders,
        Holders = options.Holders,
    };
}
