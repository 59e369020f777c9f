using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>The tables lie in the first schema of the search path, whatever it is called.</summary>
public sealed class PostgresSchemaTests : IAsyncLifetime
{
    private readonly PostgresTestDatabase _database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _database.CreateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Trims_count_in_a_schema_of_any_name_also_when_it_was_renamed()
    {
        await _database.RunAsync("create schema first");
        await using (var store = await OpenAsync("first"))
            await store.AppendAsync([Segment(1)], Cancel);
        await _database.RunAsync("alter schema first rename to \"My Game\"");
        await using var one = await OpenAsync("\"My Game\"");
        await using var other = await OpenAsync("\"My Game\"");
        await one.AppendAsync([Segment(2)], Cancel);
        await other.AppendAsync([Segment(3)], Cancel);
        await other.AppendAsync([Segment(4)], Cancel);
        (await other.TrimAsync(0, 3, DateTimeOffset.MaxValue, Cancel)).ShouldBe(3);
        (await other.TrimAsync(0, 4, DateTimeOffset.MaxValue, Cancel)).ShouldBe(0, "the newest stays");

        (await _database.RunAsync("select trims from \"My Game\".journal_trims")).ShouldBe("1");
        await Should.ThrowAsync<JournalConflictException>(async () => await one.AppendAsync([Segment(3)], Cancel));
    }

    private async Task<PostgresStore> OpenAsync(string schema)
    {
        var store = _database.NewStore(new PostgresStoreOptions { ConnectionString = $"{_database.ConnectionString()};Search Path='{schema}'" });
        await store.OpenAsync(new StoreOpenOptions(ShardCount: 8, Guid.AllBitsSet, DateTimeOffset.UnixEpoch), Cancel);
        return store;
    }

    private static JournalSegment Segment(long sequence) => new(0, sequence, sequence, 1, Guid.AllBitsSet, DateTimeOffset.UnixEpoch, default);
}
