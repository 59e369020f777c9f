using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Storage.Conformance.Sqlite;

/// <summary>What another program could do to the file while no store has it open, or beside one.</summary>
internal static class SqliteFile
{
    public static void Run(string path, string script)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var connection = Connection.Open(path, readOnly: false);
        connection.RunScript(script);
    }

    public static string? Read(string path, string query)
    {
        using var connection = Connection.Open(path, readOnly: true);
        return connection.Scalar(query);
    }
}
