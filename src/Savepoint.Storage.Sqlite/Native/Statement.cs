using System.Text;
using SQLitePCL;

namespace Savepoint.Storage.Sqlite.Native;

/// <summary>A prepared statement, borrowed from its connection; disposing gives it back. Parameters count from 1, columns from 0.</summary>
internal sealed class Statement(sqlite3 database, sqlite3_stmt handle) : IDisposable
{
    private const int StackBytes = 1024;

    public void Bind(int index, long value) => Check(raw.sqlite3_bind_int64(handle, index, value));

    public void Bind(int index, DateTimeOffset time) => Bind(index, UnixMicroseconds.From(time));

    public void Bind(int index, double value) => Check(raw.sqlite3_bind_double(handle, index, value));

    public void BindNull(int index) => Check(raw.sqlite3_bind_null(handle, index));

    public void Bind(int index, string? text)
    {
        if (text is null)
        {
            BindNull(index);
            return;
        }

        // Empty bytes would have no address, and be null.
        if (text.Length == 0)
        {
            Check(raw.sqlite3_bind_text(handle, index, ""));
            return;
        }

        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        var buffer = size <= StackBytes ? stackalloc byte[StackBytes] : new byte[size];
        Check(raw.sqlite3_bind_text(handle, index, buffer[..Encoding.UTF8.GetBytes(text, buffer)]));
    }

    /// <summary>Binds bytes; null and empty stay different.</summary>
    public void Bind(int index, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is { } present) Bind(index, present.Span);
        else BindNull(index);
    }

    public void Bind(int index, ReadOnlySpan<byte> bytes) =>
        Check(bytes.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, index, 0) : raw.sqlite3_bind_blob(handle, index, bytes));

    public void Bind(int index, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        Bind(index, bytes);
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Step() => raw.sqlite3_step(handle) switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        _ => throw Connection.Error(database, "run a statement"),
    };

    /// <summary>Runs a statement that returns no rows, and makes it ready to be bound and run again.</summary>
    public void Run()
    {
        while (Step())
        {
        }

        Reset();
    }

    public void Reset() => _ = raw.sqlite3_reset(handle); // Repeats the error of the step, which was thrown already.

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long Long(int column) => raw.sqlite3_column_int64(handle, column);

    public double Double(int column) => raw.sqlite3_column_double(handle, column);

    public int Int(int column) => raw.sqlite3_column_int(handle, column);

    public DateTimeOffset Time(int column) => UnixMicroseconds.ToTime(Long(column));

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    // Without the cast both branches were arrays, and a null array turns into empty bytes.
    public ReadOnlyMemory<byte>? BytesOrNull(int column) => IsNull(column) ? null : (ReadOnlyMemory<byte>?)Bytes(column);

    public Guid Guid(int column) => new(raw.sqlite3_column_blob(handle, column), bigEndian: true);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string();

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public void Dispose() => Reset();

    public void Close() => _ = raw.sqlite3_finalize(handle);

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK) throw Connection.Error(database, "bind a value");
    }
}
