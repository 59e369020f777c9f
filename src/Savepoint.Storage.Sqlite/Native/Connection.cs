using SQLitePCL;

namespace Savepoint.Storage.Sqlite.Native;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class Connection : IDisposable
{
    private readonly sqlite3 _database;
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    private Connection(sqlite3 database) => _database = database;

    /// <summary>Whether no transaction is open.</summary>
    public bool IsIdle => raw.sqlite3_get_autocommit(_database) != 0;

    /// <summary>The number of rows that the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(_database);

    /// <summary>How many pages this connection has written to the log since it was opened.</summary>
    public int PagesWritten
    {
        get
        {
            _ = raw.sqlite3_db_status(_database, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var current, out _, 0);
            return current;
        }
    }

    public static Connection Open(string path, bool readOnly)
    {
        SqliteLibrary.Load();
        var flags = (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE) | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var database, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var error = Error(database, $"open {path}");
            _ = raw.sqlite3_close_v2(database);
            throw error;
        }

        _ = raw.sqlite3_extended_result_codes(database, 1);
        return new Connection(database);
    }

    public static SqliteException Error(sqlite3 database, string action) =>
        new(raw.sqlite3_extended_errcode(database), raw.sqlite3_errmsg(database).utf8_to_string(), action);

    public void SetBusyTimeout(TimeSpan timeout) => _ = raw.sqlite3_busy_timeout(_database, (int)timeout.TotalMilliseconds);

    /// <summary>Borrows the prepared statement for a text. Not to be borrowed twice at a time.</summary>
    public Statement Use(string sql)
    {
        if (_statements.TryGetValue(sql, out var known)) return known;
        if (raw.sqlite3_prepare_v2(_database, sql, out var handle) != raw.SQLITE_OK) throw Error(_database, $"prepare \"{sql}\"");
        return _statements[sql] = new Statement(_database, handle);
    }

    public void Run(string sql)
    {
        using var statement = Use(sql);
        statement.Run();
    }

    /// <summary>Runs a script of several statements.</summary>
    public void RunScript(string sql)
    {
        if (raw.sqlite3_exec(_database, sql) != raw.SQLITE_OK) throw Error(_database, "run a script");
    }

    /// <summary>The first column of the first row, as text; null when there is no row.</summary>
    public string? Scalar(string sql)
    {
        using var statement = Use(sql);
        return statement.Step() ? statement.TextOrNull(0) : null;
    }

    /// <summary>Copies the log into the database file.</summary>
    /// <param name="mode">SQLITE_CHECKPOINT_PASSIVE, …_RESTART or …_TRUNCATE.</param>
    /// <returns>The frames in the log and how many of them are copied; and whether a reader was in the way.</returns>
    public (int Frames, int Copied, bool WasBusy) CheckpointWal(int mode)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_database, "main", mode, out var frames, out var copied);
        if (code is not (raw.SQLITE_OK or raw.SQLITE_BUSY)) throw Error(_database, "copy the log into the database");
        return (frames, copied, code == raw.SQLITE_BUSY);
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Close();
        _statements.Clear();
        _ = raw.sqlite3_close_v2(_database);
    }
}
