using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance;

public abstract class JournalTests(ITestDatabase database) : StoreTests(database)
{
    [Fact]
    public async Task A_segment_comes_back_as_it_was_appended()
    {
        var segment = await AppendAsync(3, 1, 17, payloadBytes: 5_000);

        (await Store.ReadTailAsync(3, Cancel)).ShouldBeSameAs(segment);
        (await ReadAsync(3)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_large_segment_comes_back_as_it_was_appended()
    {
        var segment = await AppendAsync(0, 1, 1, payloadBytes: 3_000_000);

        (await Store.ReadTailAsync(0, Cancel)).ShouldBeSameAs(segment);
    }

    [Fact]
    public async Task The_payload_may_be_reused_once_the_call_has_ended()
    {
        var payload = Bytes(100);
        var expected = payload.ToArray();
        await Store.AppendAsync([Segment(0, 1, 1) with { Payload = payload }], Cancel);
        Array.Clear(payload);

        (await Store.ReadTailAsync(0, Cancel))!.Value.Payload.ToArray().ShouldBe(expected);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(1_000)]
    public async Task A_shard_without_segments_expects_sequence_1(long first)
    {
        var conflict = await Should.ThrowAsync<JournalConflictException>(() => AppendAsync(5, first, first + 1));

        conflict.Shard.ShouldBe(5);
        conflict.ExpectedSequence.ShouldBe(first);
        (await Store.ReadTailAsync(5, Cancel)).ShouldBeNull();
    }

    [Theory]
    [InlineData(1, "taken")]
    [InlineData(5, "inside the last segment")]
    [InlineData(10, "the end of the last segment")]
    [InlineData(12, "a gap")]
    public async Task A_segment_that_does_not_directly_follow_is_refused(long first, string why)
    {
        await AppendAsync(0, 1, 10);

        await Should.ThrowAsync<JournalConflictException>(() => AppendAsync(0, first, first + 20), why);

        (await FirstSequencesAsync(0)).ShouldBe([1]);
    }

    [Fact]
    public async Task A_segment_that_directly_follows_goes_in()
    {
        await AppendAsync(0, 1, 10);
        await AppendAsync(0, 11, 11);
        await AppendAsync(0, 12, 90);

        (await FirstSequencesAsync(0)).ShouldBe([1, 11, 12]);
    }

    [Fact]
    public async Task One_conflict_keeps_the_segments_of_all_shards_out()
    {
        await AppendAsync(2, 1, 5);

        var conflict = await Should.ThrowAsync<JournalConflictException>(
            async () => await Store.AppendAsync(OfOneCommit(Segment(0, 1, 1), Segment(1, 1, 1), Segment(2, 5, 6), Segment(3, 1, 1)), Cancel));

        conflict.Shard.ShouldBe(2);
        foreach (var shard in new[] { 0, 1, 3 }) (await Store.ReadTailAsync(shard, Cancel)).ShouldBeNull();
        (await FirstSequencesAsync(2)).ShouldBe([1]);
        (await Store.ReadStatisticsAsync(Cancel)).Segments.ShouldBe(1);
    }

    [Fact]
    public async Task After_a_conflict_the_right_position_goes_in()
    {
        await Should.ThrowAsync<JournalConflictException>(() => AppendAsync(0, 2, 2));
        await AppendAsync(0, 1, 1);

        (await FirstSequencesAsync(0)).ShouldBe([1]);
    }

    [Fact]
    public async Task Segments_of_several_shards_go_in_together()
    {
        await Store.AppendAsync(OfOneCommit(Enumerable.Range(0, ShardCount).Select(shard => Segment(shard, 1, shard + 1))), Cancel);

        for (var shard = 0; shard < ShardCount; shard++) (await Store.ReadTailAsync(shard, Cancel))!.Value.LastSequence.ShouldBe(shard + 1);
    }

    [Fact]
    public async Task Segments_that_are_not_those_of_one_commit_in_shard_order_are_a_mistake_of_the_caller()
    {
        await Should.ThrowAsync<ArgumentException>(async () => await Store.AppendAsync(OfOneCommit(Segment(1, 1, 1), Segment(0, 1, 1)), Cancel));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.AppendAsync(OfOneCommit(Segment(1, 1, 1), Segment(1, 2, 2)), Cancel));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.AppendAsync([Segment(ShardCount, 1, 1)], Cancel));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.AppendAsync([Segment(0, 1, 0)], Cancel));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.AppendAsync([Segment(0, 1, 1), Segment(1, 1, 1)], Cancel));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.AppendAsync(OfOneCommit(Segment(0, 1, 1), Segment(1, 1, 1, at: Noon.AddTicks(1))), Cancel));

        (await Store.ReadStatisticsAsync(Cancel)).Segments.ShouldBe(0);
    }

    [Fact]
    public async Task A_barrier_claims_a_position()
    {
        await AppendAsync(0, 1, 10);
        await AppendAsync(0, 11, 11, payloadBytes: 0);

        (await Store.ReadTailAsync(0, Cancel))!.Value.IsBarrier.ShouldBeTrue();
        await Should.ThrowAsync<JournalConflictException>(() => AppendAsync(0, 11, 20));
        await AppendAsync(0, 12, 20);
        (await FirstSequencesAsync(0)).ShouldBe([1, 11, 12]);
    }

    [Fact]
    public async Task A_cancelled_append_that_has_not_started_never_happens()
    {
        await Should.ThrowAsync<OperationCanceledException>(async () => await Store.AppendAsync([Segment(0, 1, 1)], new CancellationToken(canceled: true)));

        (await Store.ReadTailAsync(0, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task The_tail_of_a_shard_without_segments_is_null()
    {
        await AppendAsync(1, 1, 1);

        (await Store.ReadTailAsync(0, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Reading_starts_with_the_segment_that_holds_the_next_record()
    {
        await AppendAsync(0, 1, 10);
        await AppendAsync(0, 11, 20);
        await AppendAsync(0, 21, 30);

        (await FirstSequencesAsync(0, after: 0)).ShouldBe([1, 11, 21]);
        (await FirstSequencesAsync(0, after: 9)).ShouldBe([1, 11, 21]);
        (await FirstSequencesAsync(0, after: 10)).ShouldBe([11, 21]);
        (await FirstSequencesAsync(0, after: 11)).ShouldBe([11, 21]);
        (await FirstSequencesAsync(0, after: 29)).ShouldBe([21]);
        (await FirstSequencesAsync(0, after: 30)).ShouldBeEmpty();
        (await FirstSequencesAsync(0, after: long.MaxValue)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Reading_gives_one_shard_only()
    {
        await AppendAsync(0, 1, 1);
        await AppendAsync(1, 1, 2);
        await AppendAsync(2, 1, 3);

        (await ReadAsync(1)).Single().LastSequence.ShouldBe(2);
    }

    [Theory]
    [InlineData(700, 10)]
    [InlineData(20, 900_000)]
    public async Task A_long_journal_is_read_whole_and_in_order(int segments, int payloadBytes)
    {
        List<JournalSegment> expected = [];
        for (var i = 0; i < segments; i++) expected.Add(await AppendAsync(0, (3 * i) + 1, (3 * i) + 3, payloadBytes));

        var actual = await ReadAsync(0);

        actual.Count.ShouldBe(segments);
        for (var i = 0; i < segments; i++) ((JournalSegment?)actual[i]).ShouldBeSameAs(expected[i]);
    }

    [Fact]
    public async Task A_slow_reader_stands_in_the_way_of_nobody()
    {
        for (var i = 1; i <= 600; i++) await AppendAsync(0, i, i);

        var read = 0;
        await foreach (var segment in Store.ReadAsync(0, 0, Cancel))
        {
            if (++read == 300)
            {
                await AppendAsync(0, 601, 601);
                await Store.TrimAsync(0, 100, Noon.AddDays(1), Cancel);
            }

            segment.FirstSequence.ShouldBe(read);
        }

        read.ShouldBe(601);
    }

    [Fact]
    public async Task A_sequence_number_is_found_in_its_segment()
    {
        await AppendAsync(0, 1, 10);
        var second = await AppendAsync(0, 11, 20);

        (await Store.ReadContainingAsync(0, 11, Cancel)).ShouldBeSameAs(second);
        (await Store.ReadContainingAsync(0, 20, Cancel)).ShouldBeSameAs(second);
        (await Store.ReadContainingAsync(0, 10, Cancel))!.Value.FirstSequence.ShouldBe(1);
        (await Store.ReadContainingAsync(0, 0, Cancel)).ShouldBeNull();
        (await Store.ReadContainingAsync(0, 21, Cancel)).ShouldBeNull();
        (await Store.ReadContainingAsync(1, 5, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task A_trimmed_sequence_number_is_not_found()
    {
        await AppendAsync(0, 1, 10);
        await AppendAsync(0, 11, 20);
        await Store.TrimAsync(0, 10, Noon.AddDays(1), Cancel);

        (await Store.ReadContainingAsync(0, 5, Cancel)).ShouldBeNull();
        (await Store.ReadContainingAsync(0, 15, Cancel)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Trimming_removes_what_ends_at_or_before_a_sequence_number()
    {
        for (var i = 0; i < 5; i++) await AppendAsync(0, (10 * i) + 1, (10 * i) + 10);

        (await Store.TrimAsync(0, 29, Noon.AddDays(1), Cancel)).ShouldBe(2);
        (await FirstSequencesAsync(0)).ShouldBe([21, 31, 41]);

        (await Store.TrimAsync(0, 30, Noon.AddDays(1), Cancel)).ShouldBe(1);
        (await FirstSequencesAsync(0)).ShouldBe([31, 41]);
    }

    [Fact]
    public async Task Trimming_keeps_what_was_not_written_before_a_time()
    {
        for (var i = 0; i < 5; i++) await AppendAsync(0, i + 1, i + 1, at: Noon.AddMinutes(i));

        (await Store.TrimAsync(0, 5, Noon.AddMinutes(2), Cancel)).ShouldBe(2);

        (await FirstSequencesAsync(0)).ShouldBe([3, 4, 5]);
    }

    [Fact]
    public async Task The_newest_segment_is_never_trimmed()
    {
        await AppendAsync(0, 1, 10);
        await AppendAsync(0, 11, 20);

        (await Store.TrimAsync(0, long.MaxValue, DateTimeOffset.MaxValue, Cancel)).ShouldBe(1);
        (await Store.TrimAsync(0, long.MaxValue, DateTimeOffset.MaxValue, Cancel)).ShouldBe(0);

        (await FirstSequencesAsync(0)).ShouldBe([11]);
        await Should.ThrowAsync<JournalConflictException>(() => AppendAsync(0, 1, 1));
        await AppendAsync(0, 21, 21);
    }

    [Fact]
    public async Task Trimming_concerns_one_shard_only()
    {
        foreach (var shard in new[] { 0, 1 })
        {
            await AppendAsync(shard, 1, 1);
            await AppendAsync(shard, 2, 2);
        }

        await Store.TrimAsync(1, 2, Noon.AddDays(1), Cancel);

        (await FirstSequencesAsync(0)).ShouldBe([1, 2]);
        (await FirstSequencesAsync(1)).ShouldBe([2]);
    }

    [Fact]
    public async Task A_long_journal_is_trimmed_whole()
    {
        for (var i = 1; i <= 1_000; i++) await AppendAsync(0, i, i);

        (await Store.TrimAsync(0, 990, Noon.AddDays(1), Cancel)).ShouldBe(990);
        (await Store.ReadStatisticsAsync(Cancel)).Segments.ShouldBe(10);
    }

    [Fact]
    public async Task An_empty_journal_has_no_size_and_no_age() =>
        (await Store.ReadStatisticsAsync(Cancel)).ShouldBe(new JournalStatistics(0, 0, null));

    [Fact]
    public async Task The_statistics_count_all_shards()
    {
        await AppendAsync(0, 1, 10, payloadBytes: 100, at: Noon.AddMinutes(2));
        await AppendAsync(0, 11, 20, payloadBytes: 10, at: Noon.AddMinutes(3));
        await AppendAsync(4, 1, 10, payloadBytes: 1_000, at: Noon.AddMinutes(1));
        await AppendAsync(4, 11, 11, payloadBytes: 0, at: Noon.AddMinutes(4));

        (await Store.ReadStatisticsAsync(Cancel)).ShouldBe(new JournalStatistics(4, 1_110, Noon.AddMinutes(1)));

        await Store.TrimAsync(4, 10, Noon.AddDays(1), Cancel);
        (await Store.ReadStatisticsAsync(Cancel)).ShouldBe(new JournalStatistics(3, 110, Noon.AddMinutes(2)));
    }

    [Fact]
    public async Task Reopening_keeps_the_journal()
    {
        var first = await AppendAsync(0, 1, 10, payloadBytes: 500);
        var second = await AppendAsync(0, 11, 20, payloadBytes: 0);

        await ReopenAsync();

        var segments = await ReadAsync(0);
        ((JournalSegment?)segments[0]).ShouldBeSameAs(first);
        ((JournalSegment?)segments[1]).ShouldBeSameAs(second);
        (await Store.ReadStatisticsAsync(Cancel)).PayloadBytes.ShouldBe(500);
        await Should.ThrowAsync<JournalConflictException>(() => AppendAsync(0, 11, 11));
        await AppendAsync(0, 21, 21);
    }

    [Fact]
    public async Task Many_appenders_to_different_shards_do_not_disturb_each_other()
    {
        const int Appends = 100;
        await Task.WhenAll(Enumerable.Range(0, ShardCount).Select(shard => Task.Run(
            async () =>
            {
                for (var i = 1; i <= Appends; i++) await Store.AppendAsync([Segment(shard, i, i)], Cancel);
            },
            Cancel)));

        for (var shard = 0; shard < ShardCount; shard++)
            (await FirstSequencesAsync(shard)).ShouldBe(Enumerable.Range(1, Appends).Select(i => (long)i));
    }

    [Fact]
    public async Task Of_many_appenders_to_one_position_exactly_one_wins()
    {
        const int Contested = ShardCount - 1;
        for (var position = 1; position <= 20; position++)
        {
            // Each also carries a segment of its own shard, which goes first and must go the way of the contested one.
            var outcomes = await Task.WhenAll(Enumerable.Range(0, Contested).Select(rival => Task.Run(
                async () =>
                {
                    var own = (await Store.ReadTailAsync(rival, Cancel))?.LastSequence ?? 0;
                    try
                    {
                        await Store.AppendAsync(OfOneCommit(Segment(rival, own + 1, own + 1), Segment(Contested, position, position)), Cancel);
                        return true;
                    }
                    catch (JournalConflictException conflict)
                    {
                        conflict.Shard.ShouldBe(Contested);
                        return false;
                    }
                },
                Cancel)));

            outcomes.Count(won => won).ShouldBe(1);
            (await Store.ReadStatisticsAsync(Cancel)).Segments.ShouldBe(2 * position);
        }
    }
}
