using Npgsql;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>A lock that a trigger waits for, so that a test can stop a statement in its middle.</summary>
internal sealed class Gate : IAsyncDisposable
{
    public const int Key = 1234;

    private readonly NpgsqlConnection _connection;

    private Gate(NpgsqlConnection connection) => _connection = connection;

    public static async Task<Gate> CloseAsync(PostgresTestDatabase database)
    {
        var gate = new Gate(new NpgsqlConnection(database.ConnectionString() + ";Pooling=false"));
        await gate._connection.OpenAsync();
        await gate.RunAsync($"select pg_advisory_lock({Key})");
        return gate;
    }

    /// <summary>Ends when a statement waits at the gate: the server shows it, and there is nothing else to be told by.</summary>
    public async Task SomeoneWaitsAsync()
    {
        while (!(bool)(await RunAsync("select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))"))!)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    public Task OpenAsync() => RunAsync($"select pg_advisory_unlock({Key})");

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<object?> RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        return await command.ExecuteScalarAsync();
    }
}
