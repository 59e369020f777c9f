using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Savepoint.Storage.Sqlite.Native;

/// <summary>Binds to the system's SQLite, so that the C code is the one that the system keeps patched.</summary>
public static class SqliteLibrary
{
    private static readonly Lazy<bool> Loaded = new(() =>
    {
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        }
        catch (InvalidOperationException)
        {
            // The host has set a resolver of its own for this assembly, and knows why.
        }

        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return true;
    });

    /// <summary>
    /// Binds SQLitePCLRaw in this process. The store does it by itself; programs that look into its database by other means call it first.
    /// </summary>
    public static void Load() => _ = Loaded.Value;

    // Zero falls back to the default search, which finds a bundled e_sqlite3 where the system has none.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != "e_sqlite3") return 0;
        string[] candidates = OperatingSystem.IsWindows() ? ["winsqlite3.dll"]
            : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib"]
            : ["libsqlite3.so.0", "libsqlite3.so"];
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var handle)) return handle;
        }

        return 0;
    }
}
