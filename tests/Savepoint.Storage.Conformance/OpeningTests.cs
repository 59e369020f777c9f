using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance;

public abstract class OpeningTests(ITestDatabase database) : StoreTests(database)
{
    [Fact]
    public async Task A_new_database_gets_the_identity_that_was_given()
    {
        await Store.DisposeAsync();
        await using var store = Database.NewStore();

        (await store.OpenAsync(new StoreOpenOptions(ShardCount, DatabaseId, Noon), Cancel)).ShouldBe(new StoreIdentity(DatabaseId, ShardCount));
    }

    [Fact]
    public async Task An_existing_database_keeps_its_identity()
    {
        await Store.DisposeAsync();
        await using var store = Database.NewStore();

        var identity = await store.OpenAsync(new StoreOpenOptions(ShardCount, Guid.AllBitsSet, Noon.AddDays(1)), Cancel);

        identity!.DatabaseId.ShouldBe(DatabaseId);
    }

    [Fact]
    public async Task A_database_made_with_another_shard_count_is_refused()
    {
        await AppendAsync(0, 1, 1);
        await Store.DisposeAsync();
        await using var store = Database.NewStore();

        var exception = await Should.ThrowAsync<StoreException>(async () => await store.OpenAsync(new StoreOpenOptions(ShardCount * 2, DatabaseId, Noon), Cancel));

        exception.IsTransient.ShouldBeFalse();
        exception.Message.ShouldContain($"{ShardCount} shards");
        await ReopenAsync();
        (await FirstSequencesAsync(0)).ShouldBe([1]);
    }

    [Fact]
    public async Task An_existing_database_can_be_opened_where_none_may_be_made()
    {
        await Store.DisposeAsync();
        await using var store = Database.NewStore();

        (await store.OpenAsync(new StoreOpenOptions(ShardCount, NewDatabaseId: null, Noon) { DatabaseId = DatabaseId }, Cancel)).ShouldBe(new StoreIdentity(DatabaseId, ShardCount));
        await store.CheckAsync(Cancel);
    }

    [Fact]
    public async Task A_database_that_is_not_what_it_should_be_is_refused_and_left_alone()
    {
        await AppendAsync(0, 1, 1);
        await Store.DisposeAsync();
        var options = new StoreOpenOptions(ShardCount, DatabaseId, Noon);
        foreach (var (wrong, reason) in new[]
        {
            (options with { DatabaseId = Guid.AllBitsSet }, "belongs to another deployment"),
            (options with { Shards = new ShardRange(0, 3) }, "made for the shards 0-7, and is configured for the shards 0-3"),
            (options with { Layout = "0-3,4-7" }, "with the shards 0-7, and 0-3,4-7 are configured"),
        })
        {
            await using var store = Database.NewStore();
            var exception = await Should.ThrowAsync<StoreException>(async () => await store.OpenAsync(wrong, Cancel));
            (exception.IsTransient, exception.Outcome).ShouldBe((false, WriteOutcome.NotApplied));
            exception.Message.ShouldContain(reason);
        }

        await ReopenAsync();
        (await FirstSequencesAsync(0)).ShouldBe([1]);
    }

    [Fact]
    public async Task A_healthy_store_passes_its_check()
    {
        await Store.CheckAsync(Cancel);
        await Store.CheckAsync(Cancel);
    }

    [Fact]
    public async Task A_store_that_was_not_opened_says_so()
    {
        await using var store = Database.NewStore();

        await Should.ThrowAsync<InvalidOperationException>(async () => await store.CheckAsync(Cancel));
        await Should.ThrowAsync<InvalidOperationException>(async () => await store.ReadTailAsync(0, Cancel));
        await Should.ThrowAsync<InvalidOperationException>(async () => await store.AppendAsync([Segment(0, 1, 1)], Cancel));
    }

    [Fact]
    public async Task A_store_is_opened_once() =>
        await Should.ThrowAsync<InvalidOperationException>(async () => await Store.OpenAsync(new StoreOpenOptions(ShardCount, DatabaseId, Noon), Cancel));

    [Fact]
    public async Task A_closed_store_says_so_and_may_be_closed_again()
    {
        await Store.DisposeAsync();
        await Store.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(async () => await Store.CheckAsync(Cancel));
        await Should.ThrowAsync<ObjectDisposedException>(async () => await Store.ReadTailAsync(0, Cancel));
        await Should.ThrowAsync<ObjectDisposedException>(async () => await Store.AppendAsync([Segment(0, 1, 1)], Cancel));
        await ReopenAsync();
    }

    [Fact]
    public async Task Closing_finishes_the_writes_that_were_begun()
    {
        var appends = Enumerable.Range(0, ShardCount).Select(shard => Store.AppendAsync([Segment(shard, 1, 1)], Cancel).AsTask()).ToList();
        await Store.DisposeAsync();
        await Task.WhenAll(appends);

        await ReopenAsync();
        (await Store.ReadStatisticsAsync(Cancel)).Segments.ShouldBe(ShardCount);
    }
}
