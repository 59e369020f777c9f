using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>E5: two databases that are the parts of one whole.</summary>
public sealed class PostgresShardRangeTests : IAsyncLifetime
{
    private const int ShardCount = 8;

    private static readonly Guid DatabaseId = new("6f1a1c1e-33a1-4c55-9a31-0d6f52a1f001");
    private static readonly StoreOpenOptions First =
        new(ShardCount, DatabaseId, DateTimeOffset.UnixEpoch) { Shards = new ShardRange(0, 3), Layout = "0-3,4-7" };

    private static readonly StoreOpenOptions Second = First with { Shards = new ShardRange(4, 7), DatabaseId = DatabaseId };

    // What later migrations have made goes with them.
    private const string BackToVersion2 =
        "alter table database drop column shards, drop column layout; drop table ledger; drop table journal_trims; drop function count_journal_trim cascade; delete from schema_version where version > 2";

    private readonly PostgresTestDatabase _first = new();
    private readonly PostgresTestDatabase _second = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _first.CreateAsync();
        await _second.CreateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task Each_keeps_its_own_range_those_of_all_and_the_identity_of_the_whole()
    {
        (await OpenAndCloseAsync(_first, First)).ShouldBe(new StoreIdentity(DatabaseId, ShardCount) { Shards = "0-3", Layout = "0-3,4-7" });
        (await OpenAndCloseAsync(_second, Second)).ShouldBe(new StoreIdentity(DatabaseId, ShardCount) { Shards = "4-7", Layout = "0-3,4-7" });
        (await _second.RunAsync("select database_id, shard_count, shards, layout from database")).ShouldBe($"{DatabaseId}|8|4-7|0-3,4-7");
    }

    [Fact]
    public async Task Where_none_may_be_made_nothing_is()
    {
        await using var store = _first.NewStore();
        (await store.OpenAsync(First with { NewDatabaseId = null }, Cancel)).ShouldBeNull();
        (await _first.RunAsync("select count(*) from pg_class where relnamespace = 'public'::regnamespace")).ShouldBe("0");

        // It can be opened after all, once it may be made.
        (await store.OpenAsync(First, Cancel)).ShouldNotBeNull();
        await store.CheckAsync(Cancel);
    }

    [Fact]
    public async Task The_part_of_another_whole_is_refused_before_its_schema_is_touched()
    {
        await OpenAndCloseAsync(_first, First with { NewDatabaseId = Guid.AllBitsSet });
        await _first.RunAsync(BackToVersion2);

        await using var store = _first.NewStore();
        var refusal = await Should.ThrowAsync<StoreException>(async () => await store.OpenAsync(First with { DatabaseId = DatabaseId }, Cancel));

        refusal.Message.ShouldContain("belongs to another deployment");
        (await _first.RunAsync("select max(version) from schema_version")).ShouldBe("2");
    }

    [Fact]
    public async Task A_database_from_before_there_could_be_several_holds_all_shards()
    {
        await OpenAndCloseAsync(_first, new StoreOpenOptions(ShardCount, DatabaseId, DateTimeOffset.UnixEpoch));
        await _first.RunAsync(BackToVersion2);

        (await OpenAndCloseAsync(_first, new StoreOpenOptions(ShardCount, NewDatabaseId: null, DateTimeOffset.UnixEpoch))).ShouldBe(new StoreIdentity(DatabaseId, ShardCount));
        (await Should.ThrowAsync<StoreException>(() => OpenAndCloseAsync(_first, First))).Message.ShouldContain("made for the shards 0-7");
    }

    private static async Task<StoreIdentity?> OpenAndCloseAsync(PostgresTestDatabase database, StoreOpenOptions options)
    {
        await using PostgresStore store = database.NewStore(new PostgresStoreOptions { ConnectionString = database.ConnectionString() });
        return await store.OpenAsync(options, Cancel);
    }
}
