using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>A pool that is used up says nothing of the server.</summary>
public sealed class PostgresPoolTests : IAsyncLifetime
{
    private readonly PostgresTestDatabase _database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _database.CreateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Reads_that_find_no_free_connection_do_not_count_as_failures_of_the_server()
    {
        await using var store = _database.NewStore(new PostgresStoreOptions
        {
            ConnectionString = _database.ConnectionString(),
            MaxConnections = 1,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            ReadRetries = 0,
            BreakDuration = TimeSpan.FromMinutes(1),
        });
        await store.OpenAsync(new StoreOpenOptions(ShardCount: 8, Guid.AllBitsSet, DateTimeOffset.UnixEpoch), Cancel);
        await _database.RunAsync($"""
            create function wait() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock({Gate.Key}); return new; end $$;
            create trigger wait before update on shards for each row execute function wait()
            """);
        await using var gate = await Gate.CloseAsync(_database);
        var claim = store.ClaimShardAsync(0, 0, 1, Cancel).AsTask();
        await gate.SomeoneWaitsAsync();

        foreach (var read in Enumerable.Range(0, 20).Select(_ => store.ReadShardAsync(0, Cancel).AsTask()).ToList())
        {
            var failure = await Should.ThrowAsync<StoreException>(read);
            (failure.IsTransient, failure.Outcome).ShouldBe((true, WriteOutcome.NotApplied));
            failure.Message.ShouldBe("All connections to PostgreSQL are in use: raise MaxConnections.");
        }

        await gate.OpenAsync();
        (await claim).ShouldBeTrue();
        (await store.ReadShardAsync(0, Cancel)).Epoch.ShouldBe(1);
    }
}
