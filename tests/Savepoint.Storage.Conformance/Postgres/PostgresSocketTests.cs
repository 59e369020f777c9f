using Npgsql;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>A server on the same machine is reached by its socket file as well.</summary>
public sealed class PostgresSocketTests : IAsyncLifetime
{
    private readonly PostgresTestDatabase _database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _database.CreateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_host_that_is_a_folder_is_that_of_the_servers_socket_file()
    {
        var connection = new NpgsqlConnectionStringBuilder(_database.ConnectionString()) { Host = _database.Server.SocketFolder };
        await using var store = _database.NewStore(new PostgresStoreOptions { ConnectionString = connection.ConnectionString });
        await store.OpenAsync(new StoreOpenOptions(ShardCount: 8, Guid.AllBitsSet, DateTimeOffset.UnixEpoch), Cancel);

        await store.AppendAsync([new JournalSegment(0, 1, 1, 1, Guid.AllBitsSet, DateTimeOffset.UnixEpoch, default)], Cancel);

        (await store.ReadTailAsync(0, Cancel))!.Value.LastSequence.ShouldBe(1);
        (await _database.RunAsync("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'savepoint' and client_addr is null")).ShouldNotBe("0");
    }
}
