using System.Globalization;
using System.Reflection;

namespace Savepoint.Engine.Storage;

/// <summary>A numbered script that brings a database's schema from one version to the next.</summary>
/// <param name="Version">The version that it leads to; the first is 1.</param>
/// <param name="Name">Its file's name.</param>
/// <param name="Script">What is run.</param>
public sealed record Migration(int Version, string Name, string Script)
{
    /// <summary>Reads the migrations that a store has in its folder <c>Migrations</c>, embedded in its assembly, oldest first.</summary>
    public static IReadOnlyList<Migration> ReadAll(Assembly assembly)
    {
        var prefix = $"{assembly.GetName().Name}.Migrations.";
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => Read(assembly, name, prefix))
            .OrderBy(migration => migration.Version)];
    }

    private static Migration Read(Assembly assembly, string resource, string prefix)
    {
        var file = resource[prefix.Length..];
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new Migration(int.Parse(file.AsSpan(0, 4), CultureInfo.InvariantCulture), file, reader.ReadToEnd());
    }
}
