using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance;

public abstract class ShardTests(ITestDatabase database) : StoreTests(database)
{
    [Fact]
    public async Task A_shard_that_never_had_an_owner_is_all_zero() =>
        (await Store.ReadShardAsync(7, Cancel)).ShouldBeSameAs(new ShardState(7, 0, 0, 0, ReadOnlyMemory<byte>.Empty));

    [Fact]
    public async Task A_claim_raises_the_epoch()
    {
        (await Store.ClaimShardAsync(3, 0, 1, Cancel)).ShouldBeTrue();
        (await Store.ClaimShardAsync(3, 1, 5, Cancel)).ShouldBeTrue();

        (await Store.ReadShardAsync(3, Cancel)).Epoch.ShouldBe(5);
        (await Store.ReadShardAsync(4, Cancel)).Epoch.ShouldBe(0);
    }

    [Fact]
    public async Task A_claim_on_another_epoch_than_expected_changes_nothing()
    {
        await Store.ClaimShardAsync(3, 0, 5, Cancel);

        (await Store.ClaimShardAsync(3, 0, 6, Cancel)).ShouldBeFalse();
        (await Store.ClaimShardAsync(3, 6, 7, Cancel)).ShouldBeFalse();

        (await Store.ReadShardAsync(3, Cancel)).Epoch.ShouldBe(5);
    }

    [Fact]
    public async Task An_epoch_is_never_lowered() =>
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await Store.ClaimShardAsync(3, 0, 0, Cancel));

    [Fact]
    public async Task Of_many_claims_exactly_one_wins()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => Task.Run(async () => await Store.ClaimShardAsync(0, 0, i, Cancel), Cancel)));

        outcomes.Count(won => won).ShouldBe(1);
    }

    [Fact]
    public async Task A_claim_keeps_the_rest_of_the_state()
    {
        await Store.WriteCheckpointAsync(Batch(new ShardState(3, 0, 10, 5, Bytes(20))), Cancel);
        await Store.ClaimShardAsync(3, 0, 1, Cancel);

        (await Store.ReadShardAsync(3, Cancel)).ShouldBeSameAs(new ShardState(3, 1, 10, 5, Bytes(20)));
    }

    [Fact]
    public async Task A_state_is_written_under_its_epoch()
    {
        await Store.ClaimShardAsync(3, 0, 2, Cancel);
        var state = new ShardState(3, 2, 10, 5, Bytes(20));

        (await Store.WriteCheckpointAsync(Batch(state), Cancel)).ShouldBeEmpty();

        (await Store.ReadShardAsync(3, Cancel)).ShouldBeSameAs(state);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_state_of_another_epoch_is_reported_and_not_written(long epoch)
    {
        await Store.ClaimShardAsync(3, 0, 2, Cancel);
        var healthy = new ShardState(4, 0, 1, 1, Bytes(2));

        var changed = await Store.WriteCheckpointAsync(
            new CheckpointBatch([Entity(Alice, 1, shard: 3)], [], [new ShardState(3, epoch, 10, 5, Bytes(20)), healthy]), Cancel);

        changed.ShouldBe([3]);
        (await Store.ReadShardAsync(3, Cancel)).ShouldBeSameAs(new ShardState(3, 2, 0, 0, ReadOnlyMemory<byte>.Empty));
        (await Store.ReadShardAsync(4, Cancel)).ShouldBeSameAs(healthy);
        (await ReadAsync(Alice, shard: 3)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(10, 5, true)]
    [InlineData(11, 5, true)]
    [InlineData(10, 6, true)]
    [InlineData(9, 6, false)]
    [InlineData(11, 4, false)]
    public async Task A_state_is_written_only_where_the_stored_numbers_are_not_higher(long checkpoint, long published, bool isWritten)
    {
        var stored = new ShardState(0, 0, 10, 5, Bytes(20, seed: 1));
        var next = new ShardState(0, 0, checkpoint, published, Bytes(20, seed: 2));
        await Store.WriteCheckpointAsync(Batch(stored), Cancel);

        (await Store.WriteCheckpointAsync(Batch(next), Cancel)).ShouldBeEmpty();

        (await Store.ReadShardAsync(0, Cancel)).ShouldBeSameAs(isWritten ? next : stored);
    }

    [Fact]
    public async Task Reopening_keeps_the_states_of_shards()
    {
        await Store.ClaimShardAsync(3, 0, 2, Cancel);
        var state = new ShardState(3, 2, 10, 5, Bytes(20));
        await Store.WriteCheckpointAsync(Batch(state), Cancel);

        await ReopenAsync();

        (await Store.ReadShardAsync(3, Cancel)).ShouldBeSameAs(state);
    }
}
