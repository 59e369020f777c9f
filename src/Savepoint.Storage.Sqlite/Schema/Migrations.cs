using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Sqlite.Schema;

internal static class Migrations
{
    /// <summary>All migrations, oldest first; the last one's version is the newest that this program knows.</summary>
    public static IReadOnlyList<Migration> All { get; } = Migration.ReadAll(typeof(Migrations).Assembly);
}
