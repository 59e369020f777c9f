using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance;

public abstract class SnapshotTests(ITestDatabase database) : StoreTests(database)
{
    [Fact]
    public async Task The_nearest_snapshots_around_a_version_are_found()
    {
        await Store.WriteCheckpointAsync(Batch(Snapshot(Alice, 10), Snapshot(Alice, 20), Snapshot(Alice, 30), Snapshot(Bob, 15)), Cancel);

        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 25, Cancel)).ShouldBeSameAs(Snapshot(Alice, 20));
        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 20, Cancel)).ShouldBeSameAs(Snapshot(Alice, 20));
        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, long.MaxValue, Cancel)).ShouldBeSameAs(Snapshot(Alice, 30));
        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 9, Cancel)).ShouldBeNull();

        (await Store.ReadSnapshotAtOrAboveAsync(0, Alice, 15, Cancel)).ShouldBeSameAs(Snapshot(Alice, 20));
        (await Store.ReadSnapshotAtOrAboveAsync(0, Alice, 20, Cancel)).ShouldBeSameAs(Snapshot(Alice, 20));
        (await Store.ReadSnapshotAtOrAboveAsync(0, Alice, 0, Cancel)).ShouldBeSameAs(Snapshot(Alice, 10));
        (await Store.ReadSnapshotAtOrAboveAsync(0, Alice, 31, Cancel)).ShouldBeNull();

        (await Store.ReadSnapshotAtOrBelowAsync(1, Alice, 25, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task A_snapshot_of_a_removal_is_not_an_empty_document()
    {
        var removal = Snapshot(Alice, 1) with { Document = null };
        var empty = Snapshot(Alice, 2) with { Document = ReadOnlyMemory<byte>.Empty };
        await Store.WriteCheckpointAsync(Batch(removal, empty), Cancel);

        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 1, Cancel)).ShouldBeSameAs(removal);
        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 2, Cancel)).ShouldBeSameAs(empty);
    }

    [Fact]
    public async Task A_version_that_has_a_snapshot_keeps_its_document()
    {
        await Store.WriteCheckpointAsync(Batch(Snapshot(Alice, 10)), Cancel);
        await Store.WriteCheckpointAsync(Batch(Snapshot(Alice, 10) with { Document = Bytes(3) }, Snapshot(Alice, 11)), Cancel);

        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 10, Cancel)).ShouldBeSameAs(Snapshot(Alice, 10));
        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 11, Cancel)).ShouldBeSameAs(Snapshot(Alice, 11));
    }

    [Fact]
    public async Task A_version_that_is_kept_twice_in_one_checkpoint_has_the_later_of_its_times_and_sequence_numbers()
    {
        var first = Snapshot(Alice, 10);
        var second = first with { Sequence = first.Sequence + 3, At = first.At.AddHours(1) };
        await Store.WriteCheckpointAsync(Batch(first, Snapshot(Alice, 11), second), Cancel);

        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 10, Cancel)).ShouldBeSameAs(second);
        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 11, Cancel)).ShouldBeSameAs(Snapshot(Alice, 11));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(-1, -1)]
    [InlineData(-1, 1)]
    [InlineData(1, -1)]
    public async Task A_version_that_is_kept_again_has_the_later_of_its_times_and_sequence_numbers(int sequences, int hours)
    {
        var first = Snapshot(Alice, 10);
        await Store.WriteCheckpointAsync(Batch(first, Snapshot(Bob, 10)), Cancel);
        await Store.WriteCheckpointAsync(Batch(first with { Sequence = first.Sequence + sequences, At = Noon.AddHours(hours) }), Cancel);

        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 10, Cancel)).ShouldBeSameAs(
            first with { Sequence = first.Sequence + Math.Max(0, sequences), At = Noon.AddHours(Math.Max(0, hours)) });
        (await Store.ReadSnapshotAtOrBelowAsync(0, Bob, 10, Cancel)).ShouldBeSameAs(Snapshot(Bob, 10));
    }

    [Fact]
    public async Task A_version_that_is_kept_again_is_trimmed_by_its_later_time()
    {
        await Store.WriteCheckpointAsync(Batch(Snapshot(Alice, 10), Snapshot(Bob, 10)), Cancel);
        await Store.WriteCheckpointAsync(Batch(Snapshot(Alice, 10, Noon.AddHours(2))), Cancel);

        (await Store.TrimSnapshotsAsync(Noon.AddHours(1), Cancel)).ShouldBe(1);

        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 10, Cancel)).ShouldNotBeNull();
        (await Store.ReadSnapshotAtOrBelowAsync(0, Bob, 10, Cancel)).ShouldBeNull();
        (await Store.TrimSnapshotsAsync(Noon.AddHours(3), Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task Trimming_removes_the_snapshots_taken_before_a_time()
    {
        await Store.WriteCheckpointAsync(Batch([.. Enumerable.Range(1, 10).Select(i => Snapshot(Alice, i, Noon.AddMinutes(i))), Snapshot(Bob, 1, Noon)]), Cancel);

        (await Store.TrimSnapshotsAsync(Noon.AddMinutes(4), Cancel)).ShouldBe(4);

        (await Store.ReadSnapshotAtOrAboveAsync(0, Alice, 1, Cancel))!.Version.ShouldBe(4);
        (await Store.ReadSnapshotAtOrAboveAsync(0, Bob, 1, Cancel)).ShouldBeNull();
        (await Store.TrimSnapshotsAsync(Noon.AddMinutes(4), Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task Many_snapshots_are_trimmed_whole()
    {
        await Store.WriteCheckpointAsync(Batch([.. Enumerable.Range(1, 1_000).Select(i => Snapshot(Alice, i))]), Cancel);

        (await Store.TrimSnapshotsAsync(Noon.AddDays(1), Cancel)).ShouldBe(1_000);
    }

    [Fact]
    public async Task Reopening_keeps_snapshots()
    {
        await Store.WriteCheckpointAsync(Batch(Snapshot(Alice, 10)), Cancel);

        await ReopenAsync();

        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 10, Cancel)).ShouldBeSameAs(Snapshot(Alice, 10));
    }

    [Fact]
    public async Task An_erasure_takes_the_snapshots_below_its_version_and_the_dead_letters_of_the_entity()
    {
        await Store.WriteCheckpointAsync(Batch(Snapshot(Alice, 3), Snapshot(Alice, 6), Snapshot(Bob, 3)), Cancel);
        await Store.AddDeadLetterAsync(new DeadLetter(0, "checkpoint", 0, Alice, 9, Bytes(10), "refused", 5, Noon), Cancel);
        await Store.AddDeadLetterAsync(new DeadLetter(0, "checkpoint", 0, Bob, 9, Bytes(10), "refused", 5, Noon), Cancel);

        var tombstone = Entity(Alice, 200, version: 7) with { Document = null };
        await Store.WriteCheckpointAsync(
            new CheckpointBatch([tombstone], [Snapshot(Alice, 5), Snapshot(Alice, 7)], []) { Erasures = [new StoredErasure(0, Alice, 7)] }, Cancel);

        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 6, Cancel)).ShouldBeNull();
        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 7, Cancel)).ShouldBeSameAs(Snapshot(Alice, 7));
        (await Store.ReadSnapshotAtOrBelowAsync(0, Bob, 3, Cancel)).ShouldNotBeNull();
        (await Store.ListDeadLettersAsync(0, 10, Cancel)).Single().Key.ShouldBe(Bob);
        (await ReadAsync(Alice)).ShouldBeSameAs(tombstone);
    }
}
