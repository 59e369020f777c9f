using Savepoint.Engine.Storage;
using Savepoint.Storage.Conformance.Sqlite;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Storage.Conformance.Faults;

public sealed class FaultyStoreTests
{
    private static readonly StoreOpenOptions Opening = new(ShardCount: 4, Guid.Parse("11111111-2222-3333-4444-555555555555"), At);

    private static DateTimeOffset At => new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_append_of_any_store_can_lose_its_answer_and_come_late()
    {
        await using var database = new SqliteTestDatabase();
        var faults = new StoreFaults();
        await using var store = new FaultyStore(database.NewStore(), faults);
        await store.OpenAsync(Opening, Cancel);
        var losing = faults.LoseNextAppend();

        (await Should.ThrowAsync<StoreException>(() => store.AppendAsync([Segment(1)], Cancel).AsTask())).Outcome.ShouldBe(WriteOutcome.Unknown);
        (await store.ReadTailAsync(0, Cancel)).ShouldBeNull();

        (await (await losing).TryLandAsync()).ShouldBeTrue();
        (await store.ReadTailAsync(0, Cancel))!.Value.LastSequence.ShouldBe(1);
        (await (await losing).TryLandAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_reader_meets_a_fault_before_the_first_segment_and_each_64_after_it()
    {
        var faults = new StoreFaults();
        await using var store = new FaultyStore(new MemoryStore(new MemoryDatabase()), faults);
        await store.OpenAsync(Opening, Cancel);
        for (var sequence = 1; sequence <= 100; sequence++)
            await store.AppendAsync([Segment(sequence)], Cancel);

        faults.FailNext(StoreOperation.ReadJournal);
        (await ReadAsync(store, failAfter: null)).ShouldBe(0);
        (await ReadAsync(store, failAfter: 10)).ShouldBe(64);
        (await ReadAsync(store, failAfter: 70)).ShouldBe(100);

        async Task<int> ReadAsync(IStore from, int? failAfter)
        {
            var read = 0;
            try
            {
                await foreach (var segment in from.ReadAsync(0, 0, Cancel))
                {
                    if (++read == failAfter)
                        faults.FailNext(StoreOperation.ReadJournal);
                }
            }
            catch (StoreException)
            {
            }

            return read;
        }
    }

    [Fact]
    public async Task The_observer_of_a_database_sees_every_append_before_its_caller_is_told()
    {
        var seen = new List<JournalSegment>();
        var database = new MemoryDatabase { Appended = seen.AddRange };
        var faults = new StoreFaults();
        await using var store = new FaultyStore(new MemoryStore(database), faults);
        await store.OpenAsync(Opening, Cancel);
        var payload = new byte[] { 1, 2, 3 };

        faults.LoseAnswerOfNext(StoreOperation.Append);
        await Should.ThrowAsync<StoreException>(() => store.AppendAsync([Segment(1) with { Payload = payload }], Cancel).AsTask());
        payload[0] = 9;
        faults.FailNext(StoreOperation.Append);
        await Should.ThrowAsync<StoreException>(() => store.AppendAsync([Segment(2)], Cancel).AsTask());
        await Should.ThrowAsync<JournalConflictException>(() => store.AppendAsync([Segment(1)], Cancel).AsTask());

        var segment = seen.ShouldHaveSingleItem();
        segment.Payload.ToArray().ShouldBe([1, 2, 3]);
    }

    private static JournalSegment Segment(long sequence) => new(Shard: 0, sequence, sequence, Epoch: 1, Guid.Empty, At, new byte[] { 7 });
}
