using Npgsql;
using NpgsqlTypes;

namespace Savepoint.Storage.Postgres.Connections;

/// <summary>Parameters by position, with the types said, so that nothing is boxed or guessed.</summary>
internal static class Parameters
{
    public static NpgsqlParameterCollection With<T>(this NpgsqlParameterCollection parameters, T value, NpgsqlDbType type)
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
        return parameters;
    }

    public static NpgsqlParameterCollection With(this NpgsqlParameterCollection parameters, int value) => parameters.With(value, NpgsqlDbType.Integer);

    public static NpgsqlParameterCollection With(this NpgsqlParameterCollection parameters, long value) => parameters.With(value, NpgsqlDbType.Bigint);

    public static NpgsqlParameterCollection With(this NpgsqlParameterCollection parameters, string value) => parameters.With(value, NpgsqlDbType.Text);

    /// <summary>Text that nobody has checked: a NUL in it, which PostgreSQL can't hold, becomes a replacement character.</summary>
    public static NpgsqlParameterCollection WithUnchecked(this NpgsqlParameterCollection parameters, string value) => parameters.With(value.Replace('\0', '\uFFFD'));

    public static NpgsqlParameterCollection With(this NpgsqlParameterCollection parameters, DateTimeOffset value) =>
        parameters.With(value.ToUniversalTime(), NpgsqlDbType.TimestampTz);

    public static NpgsqlParameterCollection With(this NpgsqlParameterCollection parameters, ReadOnlyMemory<byte> value) => parameters.With(value, NpgsqlDbType.Bytea);

    /// <summary>An array with one element for each row.</summary>
    public static NpgsqlParameterCollection With<TRow, T>(
        this NpgsqlParameterCollection parameters, IReadOnlyList<TRow> rows, Func<TRow, T> column, NpgsqlDbType type)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = column(rows[i]);
        return parameters.With(values, NpgsqlDbType.Array | type);
    }
}
