using Savepoint.Engine.Storage;
using SQLitePCL;

namespace Savepoint.Storage.Sqlite.Native;

/// <summary>An error code of SQLite. Never leaves this project: <see cref="ToStoreException"/> is the one place that says what each code means.</summary>
internal sealed class SqliteException(int extendedCode, string message, string action) : Exception($"SQLite could not {action}: {message} (code {extendedCode}).")
{
    public int Code { get; } = extendedCode & 0xff;

    /// <summary>Whether the connection that met it should be closed and opened again.</summary>
    public bool BreaksConnection => Code is raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_NOMEM or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY;

    /// <summary>Whether what was written is at fault, rather than the database or its disk.</summary>
    public bool BlamesRow => Code is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH or raw.SQLITE_CORRUPT;

    /// <summary>
    /// Whether a COMMIT that failed so has certainly not happened. The commit mark is on the last frame written, so a log that could not take
    /// all frames holds no commit. Every other code (a failed flush, a failed growth of the shared index) can come after that frame: then this
    /// process goes on without it, but a crash before the next commit would bring it back.
    /// </summary>
    public bool LeavesNoCommit => Code is raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_CONSTRAINT;

    private bool IsTransient => Code is raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_IOERR or raw.SQLITE_NOMEM or raw.SQLITE_CANTOPEN;

    public StoreException ToStoreException(WriteOutcome outcome = WriteOutcome.NotApplied) => new(Message, outcome, IsTransient, this);
}
