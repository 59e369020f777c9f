using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance;

/// <summary>The economy ledger: a shard's rows go with its state, or not at all.</summary>
public abstract class LedgerTests(ITestDatabase database) : StoreTests(database)
{
    private static readonly DateOnly Monday = new(2026, 5, 4);

    [Fact]
    public async Task Rows_are_written_with_the_state_and_take_the_place_of_those_before()
    {
        await WriteAsync(State(3, 10, Row("gold", "quest:dragon", 50) with { RealSources = 0.5, SinkCount = 1, Sinks = 7, RealSinks = 1.25 }, Row("gold", "", 1)));
        var later = Row("gold", "quest:dragon", 80) with { SourceCount = 3 };
        await WriteAsync(State(3, 20, later));

        (await Store.ReadLedgerAsync(3, Monday, Cancel)).ShouldBe([later, Row("gold", "", 1)], ignoreOrder: true);
        (await Store.ReadLedgerAsync(4, Monday, Cancel)).ShouldBeEmpty();
        (await Store.ReadShardAsync(3, Cancel)).CheckpointSequence.ShouldBe(20);
    }

    [Fact]
    public async Task Every_column_survives()
    {
        var row = new LedgerRow(Monday, "profile", "bags[].\u00e9clair", "shop:\ud83d\udc09")
        {
            Sources = long.MaxValue, SourceCount = 2, Sinks = 3, SinkCount = 4, RealSources = 5.5, RealSinks = double.MaxValue,
        };
        await WriteAsync(State(0, 1, row));
        await ReopenAsync();

        (await Store.ReadLedgerAsync(0, Monday, Cancel)).ShouldBe([row]);
        (await Store.QueryLedgerAsync(new LedgerQuery(Monday, Monday), Cancel)).ShouldBe([row]);
    }

    [Fact]
    public async Task A_state_of_another_epoch_takes_its_rows_with_it()
    {
        await WriteAsync(State(3, 10, Row("gold", "", 1)));
        await Store.ClaimShardAsync(3, 0, 1, Cancel);

        (await Store.WriteCheckpointAsync(new CheckpointBatch([], [], [State(3, 20, Row("gold", "", 2)), State(4, 1, Row("gold", "", 9))]), Cancel)).ShouldBe([3]);

        (await Store.ReadLedgerAsync(3, Monday, Cancel)).ShouldBe([Row("gold", "", 1)]);
        (await Store.ReadLedgerAsync(4, Monday, Cancel)).ShouldBe([Row("gold", "", 9)]);
    }

    [Fact]
    public async Task A_state_that_comes_late_takes_its_rows_with_it()
    {
        await WriteAsync(State(3, 20, Row("gold", "", 2)));
        await WriteAsync(State(3, 10, Row("gold", "", 1)));

        (await Store.ReadLedgerAsync(3, Monday, Cancel)).ShouldBe([Row("gold", "", 2)]);
    }

    [Fact]
    public async Task The_same_state_again_changes_nothing()
    {
        await WriteAsync(State(3, 20, Row("gold", "", 2)));
        await WriteAsync(State(3, 20, Row("gold", "", 2)));

        (await Store.ReadLedgerAsync(3, Monday, Cancel)).ShouldBe([Row("gold", "", 2)]);
    }

    [Fact]
    public async Task Recovery_reads_the_rows_of_one_shard_from_a_day_on()
    {
        await WriteAsync(State(3, 1, OnDay(0, 1), OnDay(1, 2), OnDay(2, 3)), State(4, 1, OnDay(2, 4)));

        (await Store.ReadLedgerAsync(3, Monday.AddDays(1), Cancel)).ShouldBe([OnDay(1, 2), OnDay(2, 3)], ignoreOrder: true);
    }

    [Fact]
    public async Task A_query_sums_over_all_shards_in_order()
    {
        await WriteAsync(
            State(0, 1, Row("gold", "b", 1), Row("gold", "a", 2), OnDay(1, 5), Row("gems", "a", 7)),
            State(1, 1, Row("gold", "b", 10), Row("gold", "a", 20)),
            State(2, 1, Row("gold", "b", long.MaxValue)));

        var rows = await Store.QueryLedgerAsync(new LedgerQuery(Monday, Monday.AddDays(1)), Cancel);

        rows.ShouldBe(
        [
            Row("gems", "a", 7),
            Row("gold", "a", 22) with { SourceCount = 2 },
            Row("gold", "b", long.MaxValue) with { SourceCount = 3 },
            OnDay(1, 5),
        ]);
    }

    [Fact]
    public async Task A_query_takes_what_it_names()
    {
        var pets = new LedgerRow(Monday, "pet", "gold", "a") { Sources = 3, SourceCount = 1 };
        await WriteAsync(State(0, 1, Row("gold", "a", 1), Row("gold", "b", 2), Row("gems", "a", 4), pets, OnDay(1, 5), OnDay(2, 6)));
        var monday = new LedgerQuery(Monday, Monday);

        (await Store.QueryLedgerAsync(monday with { Kind = "pet" }, Cancel)).ShouldBe([pets]);
        (await Store.QueryLedgerAsync(monday with { Path = "gems" }, Cancel)).ShouldBe([Row("gems", "a", 4)]);
        (await Store.QueryLedgerAsync(monday with { Reason = "b" }, Cancel)).ShouldBe([Row("gold", "b", 2)]);
        (await Store.QueryLedgerAsync(new LedgerQuery(Monday.AddDays(1), Monday.AddDays(9)), Cancel)).ShouldBe([OnDay(1, 5), OnDay(2, 6)]);
        (await Store.QueryLedgerAsync(monday with { Path = "nothing" }, Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_query_goes_on_after_a_page()
    {
        await WriteAsync(State(0, 1, [.. Enumerable.Range(0, 7).Select(i => Row("gold", $"r{i}", i + 1))]), State(1, 1, [.. Enumerable.Range(0, 7).Select(i => Row("gold", $"r{i}", 10))]));

        List<LedgerRow> all = [];
        for (LedgerRow? last = null; ;)
        {
            var page = await Store.QueryLedgerAsync(new LedgerQuery(Monday, Monday) { After = last, Limit = 3 }, Cancel);
            all.AddRange(page);
            if (page.Count < 3)
                break;
            last = page[^1];
        }

        all.Select(row => (row.Reason, row.Sources)).ShouldBe([.. Enumerable.Range(0, 7).Select(i => ($"r{i}", i + 11L))]);
    }

    [Fact]
    public async Task Old_days_are_trimmed()
    {
        await WriteAsync(State(0, 1, OnDay(0, 1), OnDay(1, 2)), State(1, 1, OnDay(0, 3)));

        (await Store.TrimLedgerAsync(Monday.AddDays(1), Cancel)).ShouldBe(2);

        (await Store.QueryLedgerAsync(new LedgerQuery(Monday, Monday.AddDays(9)), Cancel)).ShouldBe([OnDay(1, 2)]);
        (await Store.TrimLedgerAsync(Monday.AddDays(1), Cancel)).ShouldBe(0);
    }

    private async Task WriteAsync(params ShardState[] states) => (await Store.WriteCheckpointAsync(new CheckpointBatch([], [], states), Cancel)).ShouldBeEmpty();

    private static ShardState State(int shard, long checkpoint, params LedgerRow[] rows) => new(shard, 0, checkpoint, 0, Bytes(4)) { Ledger = rows };

    private static LedgerRow Row(string path, string reason, long sources) => new(Monday, "profile", path, reason) { Sources = sources, SourceCount = 1 };

    private static LedgerRow OnDay(int day, long sources) => Row("gold", "", sources) with { Day = Monday.AddDays(day) };
}
