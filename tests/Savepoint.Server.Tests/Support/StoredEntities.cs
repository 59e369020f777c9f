using Microsoft.Data.Sqlite;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Server.Tests;

/// <summary>What a server has stored in its data folder. No server may run on it.</summary>
internal static class StoredEntities
{
    /// <summary>Damages the document of an entity, so that it can't be read.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="kind">The entity's kind.</param>
    /// <param name="id">Its id; null for the only one of the kind.</param>
    public static void Damage(DirectoryInfo data, string kind, string? id = null)
    {
        SqliteLibrary.Load();
        using var connection = new SqliteConnection($"Data Source={Path.Combine(data.FullName, "savepoint.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "update entities set document = x'016363' where kind = $kind and id = coalesce($id, id)";
        command.Parameters.AddWithValue("$kind", kind);
        command.Parameters.AddWithValue("$id", (object?)id ?? DBNull.Value);
        command.ExecuteNonQuery().ShouldBe(1);
    }
}
