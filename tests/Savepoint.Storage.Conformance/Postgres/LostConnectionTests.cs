using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;
using static Savepoint.Storage.Conformance.StoreTests;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>What an append says when its connection dies, and what is in the journal then.</summary>
public sealed class LostConnectionTests : IAsyncLifetime
{
    private static readonly byte[] Marker = "the-append-at-which-the-connection-is-cut"u8.ToArray();

    private readonly PostgresTestDatabase _database = new();
    private CutProxy _proxy = null!;
    private PostgresStore _store = null!;
    private int _commits;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.CreateAsync();
        _proxy = new CutProxy(_database.Server.Port);
        _store = await OpenAsync(TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _proxy.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task An_answer_that_is_lost_though_the_append_was_committed_leaves_the_outcome_unknown()
    {
        await _store.AppendAsync([Segment(1, [])], Cancel);
        _proxy.CutAt(Marker, Cut.Answer);
        var lost = Segment(2, Marker);

        var failure = await Should.ThrowAsync<StoreException>(async () => await _store.AppendAsync([lost], Cancel));

        (failure.Outcome, failure.IsTransient).ShouldBe((WriteOutcome.Unknown, true));
        await Should.ThrowAsync<JournalConflictException>(async () => await _store.AppendAsync([Segment(2, [])], Cancel));
        (await _store.ReadContainingAsync(0, 2, Cancel))!.Value.CommitId.ShouldBe(lost.CommitId);
        await _store.AppendAsync([Segment(3, [])], Cancel);
    }

    [Theory]
    [InlineData(nameof(Cut.Request))]
    [InlineData(nameof(Cut.HalfARequest))]
    public async Task A_request_that_is_lost_leaves_the_outcome_unknown_and_a_barrier_settles_it(string cut)
    {
        await _store.AppendAsync([Segment(1, [])], Cancel);
        _proxy.CutAt(Marker, Enum.Parse<Cut>(cut));

        var failure = await Should.ThrowAsync<StoreException>(async () => await _store.AppendAsync(OfOneCommit(Segment(2, Marker), Segment(1, [], shard: 5)), Cancel));

        (failure.Outcome, failure.IsTransient).ShouldBe((WriteOutcome.Unknown, true));
        var barrier = Segment(2, []);
        await _store.AppendAsync([barrier], Cancel);
        (await _store.ReadTailAsync(0, Cancel))!.Value.CommitId.ShouldBe(barrier.CommitId);
        (await _store.ReadTailAsync(5, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task An_answer_that_never_comes_ends_in_unknown_after_the_time_out()
    {
        await using var store = await OpenAsync(TimeSpan.FromSeconds(1));
        _proxy.CutAt(Marker, Cut.AnswerInSilence);

        var append = store.AppendAsync([Segment(1, Marker)], Cancel).AsTask();
        await _proxy.Answered;
        var failure = await Should.ThrowAsync<StoreException>(append);

        failure.Outcome.ShouldBe(WriteOutcome.Unknown);
        (await store.ReadTailAsync(0, Cancel))!.Value.LastSequence.ShouldBe(1);
        await store.AppendAsync([Segment(2, [])], Cancel);
    }

    [Fact]
    public async Task An_append_that_the_server_gives_up_is_not_applied()
    {
        await using var store = await OpenAsync(TimeSpan.FromSeconds(1));
        await _database.RunAsync($"""
            create function wait() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
            create trigger wait before insert on journal for each row when (position('\x{Convert.ToHexString(Marker)}'::bytea in new.payload) > 0) execute function wait()
            """);

        var failure = await Should.ThrowAsync<StoreException>(async () => await store.AppendAsync([Segment(1, Marker)], Cancel));

        (failure.Outcome, failure.IsTransient).ShouldBe((WriteOutcome.NotApplied, true));
        await store.AppendAsync([Segment(1, [])], Cancel);
    }

    [Theory]
    [InlineData("53100")] // disk_full
    [InlineData("58030")] // io_error
    [InlineData("40001")] // serialization_failure, after which the connection stays
    public async Task After_an_error_that_passes_the_same_append_goes_in(string code)
    {
        await _store.AppendAsync([Segment(1, [])], Cancel);
        await _database.RunAsync($"""
            create function fail() returns trigger language plpgsql as $$ begin raise 'this will pass' using errcode = '{code}'; end $$;
            create trigger fail before insert on journal for each row execute function fail()
            """);
        var append = Segment(2, []);

        var failure = await Should.ThrowAsync<StoreException>(async () => await _store.AppendAsync([append], Cancel));
        (failure.Outcome, failure.IsTransient).ShouldBe((WriteOutcome.NotApplied, true));

        await _database.RunAsync("drop trigger fail on journal");
        await _store.AppendAsync([append], Cancel);
    }

    [Fact]
    public async Task A_backend_that_is_terminated_during_an_append_leaves_the_outcome_unknown_and_nothing_behind()
    {
        await WaitInAppendsAsync();
        await using var gate = await Gate.CloseAsync(_database);
        var append = _store.AppendAsync([Segment(1, Marker)], Cancel).AsTask();
        await gate.SomeoneWaitsAsync();

        await _database.RunAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");

        (await Should.ThrowAsync<StoreException>(append)).Outcome.ShouldBe(WriteOutcome.Unknown);
        (await _store.ReadTailAsync(0, Cancel)).ShouldBeNull();
        await _store.AppendAsync([Segment(1, [])], Cancel);
    }

    [Fact]
    public async Task An_append_that_was_overtaken_and_whose_position_was_trimmed_meanwhile_does_not_slip_in()
    {
        await WaitInAppendsAsync();
        await using var other = await OpenAsync(TimeSpan.FromSeconds(10));
        await other.AppendAsync([Segment(1, [])], Cancel);
        // It has seen the newest segment at 1, and waits before it inserts at 2.
        await IsOvertakenOnItsWayAsync(other, Segment(2, Marker), Segment(1, [], shard: 3));

        (await other.ReadContainingAsync(0, 2, Cancel)).ShouldBeNull();
        (await other.ReadTailAsync(0, Cancel))!.Value.LastSequence.ShouldBe(3);
        (await other.ReadTailAsync(3, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task An_append_behind_a_known_end_that_is_overtaken_and_trimmed_on_its_way_does_not_slip_in()
    {
        await WaitInAppendsAsync();
        await using var other = await OpenAsync(TimeSpan.FromSeconds(10));
        await _store.AppendAsync(OfOneCommit(Segment(1, []), Segment(1, [], shard: 3)), Cancel);
        await IsOvertakenOnItsWayAsync(other, Segment(2, Marker), Segment(2, [], shard: 3));

        (await other.ReadContainingAsync(0, 2, Cancel)).ShouldBeNull();
        (await other.ReadTailAsync(3, Cancel))!.Value.LastSequence.ShouldBe(1);
        await _store.AppendAsync([Segment(2, [], shard: 3)], Cancel);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_append_behind_an_end_that_was_overtaken_and_trimmed_long_since_does_not_slip_in(bool isTrimmedByHand)
    {
        await using var other = await OpenAsync(TimeSpan.FromSeconds(10));
        await _store.AppendAsync(OfOneCommit(Segment(1, []), Segment(1, [], shard: 3)), Cancel);
        await other.AppendAsync([Segment(2, [], shard: 3)], Cancel);
        await other.AppendAsync([Segment(3, [], shard: 3)], Cancel);
        if (isTrimmedByHand)
            await _database.RunAsync("delete from journal where shard = 3 and first_seq < 3");
        else
            await other.TrimAsync(3, 2, DateTimeOffset.MaxValue, Cancel);

        // Looking at another shard after the trim says nothing of this one.
        await _store.AppendAsync([Segment(1, [], shard: 1)], Cancel);
        (await ConflictAsync(Segment(2, [], shard: 1), Segment(2, [], shard: 3))).ShouldBe(3);
        (await ConflictAsync(Segment(2, [], shard: 3))).ShouldBe(3);

        (await other.ReadContainingAsync(3, 2, Cancel)).ShouldBeNull();
        (await other.ReadTailAsync(3, Cancel))!.Value.LastSequence.ShouldBe(3);
        await _store.AppendAsync([Segment(4, [], shard: 3)], Cancel);
        await _store.AppendAsync(OfOneCommit(Segment(2, [], shard: 1), Segment(5, [], shard: 3)), Cancel);
    }

    [Theory]
    [InlineData("delete from journal where shard = 3 and first_seq > 1", 3)]
    [InlineData("truncate journal", 0)]
    public async Task An_append_behind_a_known_end_that_somebody_has_removed_leaves_no_gap(string removal, int shard)
    {
        await _store.AppendAsync(OfOneCommit(Segment(1, []), Segment(1, [], shard: 3)), Cancel);
        await _store.AppendAsync(OfOneCommit(Segment(2, [], shard: 0), Segment(2, [], shard: 3)), Cancel);
        await _database.RunAsync(removal);

        (await ConflictAsync(Segment(3, []), Segment(3, [], shard: 3))).ShouldBe(shard);
    }

    [Fact]
    public async Task Where_nobody_counts_the_trims_each_append_looks()
    {
        await using var other = await OpenAsync(TimeSpan.FromSeconds(10));
        await _database.RunAsync("delete from journal_trims");
        await CountInsertsAsync();
        await _store.AppendAsync([Segment(1, [])], Cancel);
        await _store.AppendAsync([Segment(2, [])], Cancel);
        await other.AppendAsync([Segment(3, [])], Cancel);
        await other.AppendAsync([Segment(4, [])], Cancel);
        (await InsertsAsync()).ShouldBe("4", "none is undone");
        await other.TrimAsync(0, 3, DateTimeOffset.MaxValue, Cancel);

        (await ConflictAsync(Segment(3, []))).ShouldBe(0);
        await _store.AppendAsync([Segment(5, [])], Cancel);
    }

    [Fact]
    public async Task An_append_behind_the_trim_of_another_store_is_undone_once_and_goes_in()
    {
        await using var other = await OpenAsync(TimeSpan.FromSeconds(10));
        await _store.AppendAsync(OfOneCommit(Segment(1, [1, 2]), Segment(1, [1], shard: 3)), Cancel);
        await CountInsertsAsync();
        await TrimAnotherShardAsync(other);
        (await InsertsAsync()).ShouldBe("2");

        await _store.AppendAsync([Segment(2, [1, 2])], Cancel);
        (await InsertsAsync()).ShouldBe("4", "it is undone once");
        await _store.AppendAsync([Segment(2, [1], shard: 3)], Cancel);
        await _store.AppendAsync(OfOneCommit(Segment(3, [1, 2]), Segment(3, [1], shard: 3)), Cancel);
        await _store.AppendAsync([Segment(4, [1, 2])], Cancel);

        (await InsertsAsync()).ShouldBe("8", "one trim undoes one append, whatever the shards of the next");
        (await _database.RunAsync("select string_agg(number || ' ' || bytes_before, ', ' order by shard, first_seq) from journal where shard <> 5")).ShouldBe("0 0, 1 2, 2 4, 3 6, 0 0, 1 1, 2 2");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_append_that_is_refused_and_whose_connection_ends_before_it_is_clear_why_is_not_applied(bool isTaken)
    {
        await using var other = await OpenAsync(TimeSpan.FromSeconds(10));
        await _store.AppendAsync(OfOneCommit(Segment(1, []), Segment(1, [], shard: 3)), Cancel);
        if (isTaken)
            await other.AppendAsync([Segment(2, [])], Cancel);
        else
            await TrimAnotherShardAsync(other);
        _proxy.CutAt(Marker, Cut.EndOfAnswer);
        var append = OfOneCommit(Segment(2, Marker), Segment(2, [], shard: 3));

        var failure = await Should.ThrowAsync<StoreException>(async () => await _store.AppendAsync(append, Cancel));

        (failure.Outcome, failure.IsTransient).ShouldBe((WriteOutcome.NotApplied, true));
        if (isTaken)
            (await ConflictAsync([.. append])).ShouldBe(0);
        else
            await _store.AppendAsync(append, Cancel);
    }

    [Fact]
    public async Task An_append_that_is_done_again_behind_a_trim_and_whose_answer_is_lost_leaves_the_outcome_unknown()
    {
        await using var other = await OpenAsync(TimeSpan.FromSeconds(10));
        await _store.AppendAsync([Segment(1, [])], Cancel);
        await TrimAnotherShardAsync(other);
        _proxy.CutAt(Marker, Cut.Answer, afterRequests: 1);
        var lost = Segment(2, Marker);

        (await Should.ThrowAsync<StoreException>(async () => await _store.AppendAsync([lost], Cancel))).Outcome.ShouldBe(WriteOutcome.Unknown);

        (await ConflictAsync(Segment(2, []))).ShouldBe(0);
        (await _store.ReadContainingAsync(0, 2, Cancel))!.Value.CommitId.ShouldBe(lost.CommitId);
    }

    [Fact]
    public async Task Appends_go_on_behind_their_own_trims()
    {
        await CountInsertsAsync();
        for (var sequence = 1; sequence <= 5; sequence++)
        {
            await _store.AppendAsync(OfOneCommit(Segment(sequence, [1, 2]), Segment(sequence, [1], shard: 3)), Cancel);
            await _store.TrimAsync(0, sequence, DateTimeOffset.MaxValue, Cancel);
        }

        (await InsertsAsync()).ShouldBe("10", "none is undone");
        (await _store.ReadStatisticsAsync(Cancel)).ShouldBe(new JournalStatistics(6, 2 + 5, DateTimeOffset.UnixEpoch));
        (await _database.RunAsync("select number, bytes_before from journal where shard = 0")).ShouldBe("4|8");
    }

    [Fact]
    public async Task Two_stores_that_append_to_one_shard_from_many_tasks_and_trim_it_leave_no_gap_and_win_each_position_once()
    {
        const int positions = 200;
        await using var other = await OpenAsync(TimeSpan.FromSeconds(10));
        var won = new int[positions + 1];

        await Task.WhenAll(Enumerable.Range(0, 8).Select(task => Task.Run(
            async () =>
            {
                var store = task % 2 == 0 ? _store : other;
                while (true)
                {
                    var next = ((await store.ReadTailAsync(0, Cancel))?.LastSequence ?? 0) + 1;
                    if (next > positions)
                        return;
                    try
                    {
                        await store.AppendAsync([Segment(next, [])], Cancel);
                        Interlocked.Increment(ref won[next]);
                    }
                    catch (JournalConflictException)
                    {
                        // Another one has it.
                    }

                    if (next % 10 == 0)
                        await store.TrimAsync(0, next - 5, DateTimeOffset.MaxValue, Cancel);
                }
            },
            Cancel)));

        won.Skip(1).ShouldAllBe(times => times == 1);
        (await _database.RunAsync("select max(first_seq), max(first_seq) - min(first_seq) - count(*), min(number - first_seq), max(number - first_seq) from journal")).ShouldBe($"{positions}|-1|-1|-1");
    }

    [Fact]
    public async Task A_read_survives_the_loss_of_all_connections()
    {
        await _store.AppendAsync([Segment(1, [])], Cancel);
        await _store.ReadTailAsync(0, Cancel);
        await _database.RunAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");

        (await _store.ReadTailAsync(0, Cancel))!.Value.LastSequence.ShouldBe(1);
    }

    private async Task<PostgresStore> OpenAsync(TimeSpan commandTimeout)
    {
        var store = _database.NewStore(new PostgresStoreOptions { ConnectionString = _database.ConnectionString(_proxy.Port), CommandTimeout = commandTimeout });
        await store.OpenAsync(new StoreOpenOptions(ShardCount: 8, Guid.AllBitsSet, DateTimeOffset.UnixEpoch), Cancel);
        return store;
    }

    /// <summary>Lets inserts of the marker wait until a gate is open.</summary>
    private Task<string> WaitInAppendsAsync() => _database.RunAsync($"""
        create function wait() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared({Gate.Key}); return new; end $$;
        create trigger wait before insert on journal for each row when (position('\x{Convert.ToHexString(Marker)}'::bytea in new.payload) > 0) execute function wait()
        """);

    /// <returns>The shard that does not expect its segment.</returns>
    private async Task<int> ConflictAsync(params JournalSegment[] segments) =>
        (await Should.ThrowAsync<JournalConflictException>(async () => await _store.AppendAsync(OfOneCommit(segments), Cancel))).Shard;

    private async Task TrimAnotherShardAsync(PostgresStore store)
    {
        await store.AppendAsync([Segment(1, [], shard: 5)], Cancel);
        await store.AppendAsync([Segment(2, [], shard: 5)], Cancel);
        (await store.TrimAsync(5, 1, DateTimeOffset.MaxValue, Cancel)).ShouldBe(1);
    }

    /// <summary>Counts the rows that are inserted from now on, those too that are undone.</summary>
    private Task<string> CountInsertsAsync() => _database.RunAsync("""
        create sequence inserts;
        create function count_insert() returns trigger language plpgsql as $$ begin perform nextval('inserts'); return new; end $$;
        create trigger counted before insert on journal for each row execute function count_insert()
        """);

    private Task<string> InsertsAsync() => _database.RunAsync("select last_value from inserts");

    /// <summary>While an append stands before its insert, another store appends at its position and behind it, and trims again up to there.</summary>
    private async Task IsOvertakenOnItsWayAsync(PostgresStore other, params JournalSegment[] segments)
    {
        await using var gate = await Gate.CloseAsync(_database);
        var late = _store.AppendAsync(OfOneCommit(segments), Cancel).AsTask();
        await gate.SomeoneWaitsAsync();
        await other.AppendAsync([Segment(2, [])], Cancel);
        await other.AppendAsync([Segment(3, [])], Cancel);
        (await other.TrimAsync(0, 2, DateTimeOffset.MaxValue, Cancel)).ShouldBe(2);
        await gate.OpenAsync();

        (await Should.ThrowAsync<JournalConflictException>(late)).Shard.ShouldBe(0);
    }

    private JournalSegment Segment(long sequence, byte[] payload, int shard = 0) =>
        new(shard, sequence, sequence, Epoch: 1, new Guid(Interlocked.Increment(ref _commits), 7, 7, new byte[8]), DateTimeOffset.UnixEpoch, payload);
}
