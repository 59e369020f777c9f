using Savepoint.Storage.Sqlite.Native;
using SQLitePCL;

namespace Savepoint.Storage.Sqlite.Writing;

/// <summary>
/// Copies the log into the database file, between transactions and on the writer's own connection: SQLite before 3.51.3 can corrupt a database when
/// the log begins anew while another connection writes.
/// </summary>
internal sealed class WalCheckpointer(Connection connection, SqliteStoreOptions options)
{
    private static readonly TimeSpan PatienceWithReaders = TimeSpan.FromMilliseconds(250);

    private int _pagesAtLastCheckpoint = connection.PagesWritten;

    /// <summary>Call after each transaction. Copies when enough was written; waits for readers when the log has grown too large to go on without.</summary>
    public void AfterCommit()
    {
        var pages = connection.PagesWritten;
        if ((pages - _pagesAtLastCheckpoint) * (long)ConnectionFactory.PageBytes < options.WalCheckpointBytes) return;
        _pagesAtLastCheckpoint = pages;

        // Passive never waits. The log begins anew with the next commit, unless a reader still uses it.
        var (frames, _, _) = connection.CheckpointWal(raw.SQLITE_CHECKPOINT_PASSIVE);
        if (frames * (long)ConnectionFactory.PageBytes < options.MaxWalBytes) return;
        connection.SetBusyTimeout(PatienceWithReaders);
        _ = connection.CheckpointWal(raw.SQLITE_CHECKPOINT_TRUNCATE);
        connection.SetBusyTimeout(options.BusyTimeout);
    }

    /// <summary>Copies all and empties the log; for closing.</summary>
    public void Finish() => _ = connection.CheckpointWal(raw.SQLITE_CHECKPOINT_TRUNCATE);
}
