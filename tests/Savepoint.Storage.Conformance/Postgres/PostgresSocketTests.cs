using Npgsql;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;
using Savepoint.Testing;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>A server on the same machine is reached by its socket file as well.</summary>
public sealed class PostgresSocketTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_is_a_folder_is_that_of_the_servers_socket_file()
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { HasSocketFile = true }, Cancel);
        await server.CreateDatabaseAsync("savepoint", Cancel);
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString("savepoint")) { Host = server.SocketFolder };
        await using var store = new PostgresStore(new PostgresStoreOptions { ConnectionString = connection.ConnectionString }, TimeProvider.System);
        await store.OpenAsync(new StoreOpenOptions(ShardCount: 8, Guid.AllBitsSet, DateTimeOffset.UnixEpoch), Cancel);

        await store.AppendAsync([new JournalSegment(0, 1, 1, 1, Guid.AllBitsSet, DateTimeOffset.UnixEpoch, default)], Cancel);

        (await store.ReadTailAsync(0, Cancel))!.Value.LastSequence.ShouldBe(1);
        (await server.RunAsync("savepoint", "select distinct client_addr is null from pg_stat_activity where datname = current_database() and application_name = 'savepoint'", Cancel)).ShouldBe("t");
    }
}
