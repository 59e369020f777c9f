using Npgsql;
using NpgsqlTypes;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Postgres.Journal;

/// <summary>Statements that go out together and whose parameters are made of segments, prepared once and sent often.</summary>
internal sealed class SegmentBatch(NpgsqlConnection connection) : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch = new(connection);
    private readonly List<Action<IReadOnlyList<JournalSegment>>> _bindings = [];

    /// <summary>Adds a statement with its parameters, by position.</summary>
    public void Add(string statement, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(statement);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        _batch.BatchCommands.Add(command);
    }

    /// <summary>An array with an element for each segment.</summary>
    public NpgsqlParameter Column<T>(NpgsqlDbType type, Func<JournalSegment, T> value)
    {
        var parameter = new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type };
        _bindings.Add(segments =>
        {
            var values = segments.Count == 0 ? [] : new T[segments.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = value(segments[i]);
            parameter.TypedValue = values;
        });
        return parameter;
    }

    /// <summary>What all segments have in common.</summary>
    public NpgsqlParameter Common<T>(NpgsqlDbType type, Func<JournalSegment, T> value)
        where T : struct
    {
        var parameter = new NpgsqlParameter<T> { NpgsqlDbType = type };
        _bindings.Add(segments => parameter.TypedValue = segments.Count == 0 ? default : value(segments[0]));
        return parameter;
    }

    public async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        Release();
        await _batch.PrepareAsync(cancellationToken);
    }

    public Task<NpgsqlDataReader> SendAsync(IReadOnlyList<JournalSegment> segments)
    {
        Bind(segments);
        return _batch.ExecuteReaderAsync();
    }

    /// <summary>Keeps nothing of the segments: the caller goes on to reuse the payloads.</summary>
    public void Release() => Bind([]);

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private void Bind(IReadOnlyList<JournalSegment> segments)
    {
        foreach (var bind in _bindings)
            bind(segments);
    }
}
