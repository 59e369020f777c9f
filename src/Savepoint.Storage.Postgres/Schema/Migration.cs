using System.Globalization;
using System.Reflection;

namespace Savepoint.Storage.Postgres.Schema;

/// <summary>A numbered script that brings the schema from one version to the next. They are the files of the folder Migrations.</summary>
internal sealed record Migration(int Version, string Name, string Script)
{
    private const string Prefix = "Savepoint.Storage.Postgres.Migrations.";

    /// <summary>All migrations, oldest first; the last one's version is the newest that this program knows.</summary>
    public static IReadOnlyList<Migration> All { get; } = Load();

    private static List<Migration> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => Read(assembly, name))
            .OrderBy(migration => migration.Version)];
    }

    private static Migration Read(Assembly assembly, string resource)
    {
        var file = resource[Prefix.Length..];
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new Migration(int.Parse(file.AsSpan(0, 4), CultureInfo.InvariantCulture), file, reader.ReadToEnd());
    }
}
