using System.ComponentModel.DataAnnotations;

namespace Savepoint.Storage.Sqlite;

/// <summary>Where a SQLite database is, and how it is used.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>The database file. Its folder is created when it does not exist. Beside it stand <c>-wal</c>, <c>-shm</c> and <c>.lock</c> files.</summary>
    [Required]
    public required string Path { get; init; }

    /// <summary>The page cache of the writer, in bytes. The default value is 64 MiB.</summary>
    [Range(1 << 20, int.MaxValue)]
    public int WriterCacheBytes { get; init; } = 64 << 20;

    /// <summary>The page cache of each reader, in bytes. The default value is 8 MiB.</summary>
    [Range(1 << 20, int.MaxValue)]
    public int ReaderCacheBytes { get; init; } = 8 << 20;

    /// <summary>How many reads run at a time, each on a connection of its own; more wait. The default value is 4.</summary>
    [Range(1, 64)]
    public int MaxReaders { get; init; } = 4;

    /// <summary>
    /// After how many bytes of log the writer copies them into the database, in bytes. Larger copies a page that changes often fewer times;
    /// smaller makes the pause shorter, in which commits wait. The default value is 16 MiB.
    /// </summary>
    [Range(1 << 16, int.MaxValue)]
    public int WalCheckpointBytes { get; init; } = 16 << 20;

    /// <summary>From which size on the writer waits for readers so that the log can begin anew, in bytes. The default value is 256 MiB.</summary>
    [Range(1 << 16, int.MaxValue)]
    public int MaxWalBytes { get; init; } = 256 << 20;

    /// <summary>How long a write waits for a lock that another program holds (a backup, a shell). The default value is 5 seconds.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
