using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Storage.Sqlite;

/// <summary>Opens connections with the settings that the store's promises rest on.</summary>
internal sealed class ConnectionFactory(SqliteStoreOptions options)
{
    public const int PageBytes = 4096;

    /// <summary>Opens the one connection that writes.</summary>
    /// <exception cref="StoreException">The database would not be durable.</exception>
    public Connection OpenWriter()
    {
        var connection = Open(readOnly: false, options.WriterCacheBytes);
        try
        {
            connection.RunScript($"pragma page_size = {PageBytes}");
            var mode = connection.Scalar("pragma journal_mode = wal");
            connection.RunScript($"""
                pragma synchronous = full;
                pragma fullfsync = on;
                pragma checkpoint_fullfsync = on;
                pragma wal_autocheckpoint = 0;
                pragma journal_size_limit = {options.MaxWalBytes};
                """);
            ThrowIfNotDurable(mode, connection.Scalar("pragma synchronous"));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public Connection OpenReader() => Open(readOnly: true, options.ReaderCacheBytes);

    private static void ThrowIfNotDurable(string? journalMode, string? synchronous)
    {
        const string Full = "2";
        if (journalMode == "wal" && synchronous == Full) return;
        throw new StoreException(
            $"The database can't be made durable: its journal mode is '{journalMode}' instead of 'wal', or synchronous is '{synchronous}' instead of '{Full}'. Is it on a network file system?",
            WriteOutcome.NotApplied,
            isTransient: false);
    }

    private Connection Open(bool readOnly, int cacheBytes)
    {
        var connection = Connection.Open(options.Path, readOnly);
        try
        {
            connection.SetBusyTimeout(options.BusyTimeout);
            connection.RunScript($"pragma cache_size = -{cacheBytes / 1024}; pragma temp_store = memory; pragma trusted_schema = off;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
