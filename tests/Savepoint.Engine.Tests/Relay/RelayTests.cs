using Savepoint.Engine.Relay;

namespace Savepoint.Engine.Tests;

/// <summary>I6: what is committed is published in order, at least once; a publisher that is down delays events and nothing else.</summary>
public sealed class RelayTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Fact]
    public void Every_change_is_published_once_in_order_and_the_cursor_survives_a_restart() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher();
        var node = await world.StartAsync(publisher: publisher);
        for (var i = 0; i < 10; i++)
            await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1));
        await node.Do(Make.Message(A));
        await node.Do(Make.Remove(A));
        await node.StopAsync();
        publisher.Versions(A).ShouldBe(Enumerable.Range(1, 11).Select(version => (long)version));
        publisher.Changes[^1].EventType.ShouldBe("removed");

        node = await world.StartAsync(publisher: publisher);
        await node.Do(Make.Intent(B, "nothing"));
        world.Settle();
        publisher.Versions(A).Count().ShouldBe(11);
        publisher.Versions(B).ShouldBe(Enumerable.Range(1, 11).Select(version => (long)version));
        publisher.Changes[^1].EventType.ShouldBe("nothing");
        node.Engine.Snapshot().UnpublishedRecords.ShouldBe(0);
    });

    [Fact]
    public void Changes_of_secret_entities_are_never_published() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher();
        var secret = new Kind
        {
            Name = "sp-secret",
            IsOwnedBySavepoint = true,
            IsSecret = true,
            Intents = new Dictionary<string, IntentHandler>(StringComparer.Ordinal) { ["set"] = Hash },
        };
        var node = await world.StartAsync(publisher: publisher, kinds: new KindRegistry([new Kind { Name = A.Kind }, secret]));
        var key = new EntityKey("sp-secret", A.Id);
        await node.Do(Make.Intent(key, "set"), Make.Add(A, "n", 1));
        world.Settle();
        publisher.Changes.ShouldHaveSingleItem().Key.ShouldBe(A);
        node.Engine.Snapshot().UnpublishedRecords.ShouldBe(0);
    });

    [Fact]
    public void Those_that_wait_are_not_published_either_once_their_module_is_left_out() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher { Failure = () => new InvalidOperationException("down") };
        var secret = new Kind
        {
            Name = "sp-secret",
            IsOwnedBySavepoint = true,
            IsSecret = true,
            Intents = new Dictionary<string, IntentHandler>(StringComparer.Ordinal) { ["set"] = Hash },
        };
        var node = await world.StartAsync(publisher: publisher, kinds: new KindRegistry([new Kind { Name = A.Kind }, secret]));
        await node.Do(Make.Intent(new EntityKey("sp-secret", A.Id), "set"), Make.Add(A, "n", 1));

        // What is stored is not replayed: only the relay meets it again.
        world.Pass(60);
        node.Crash();
        publisher.Failure = null;
        node = await world.StartAsync(publisher: publisher, kinds: new KindRegistry([new Kind { Name = A.Kind }]));
        await node.Do(Make.Add(A, "n", 1));
        world.Settle();
        publisher.Changes.ShouldAllBe(change => change.Key == A);
        publisher.Versions(A).ShouldBe([1, 2]);
        node.Engine.Snapshot().UnpublishedRecords.ShouldBe(0);
    });

    private static string? Hash(IntentContext context)
    {
        context.Delta.Set("hash", 1);
        return null;
    }

    [Fact]
    public void After_a_crash_changes_may_come_twice_and_none_is_missing() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher();
        var node = await world.StartAsync(publisher: publisher);
        for (var i = 0; i < 5; i++)
            await node.Do(Make.Add(A, "n", 1));
        world.Settle();
        node.Crash();
        node = await world.StartAsync(publisher: publisher);
        await node.Do(Make.Add(A, "n", 1));
        world.Settle();
        publisher.Versions(A).ShouldBe([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6]);
    });

    [Fact]
    public void A_publisher_that_is_down_delays_events_and_nothing_else() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher { Failure = () => new InvalidOperationException("down") };
        var node = await world.StartAsync(publisher: publisher);
        for (var i = 0; i < 10; i++)
        {
            await node.Do(Make.Add(A, "n", 1));
            world.Pass(10);
        }

        world.Stored(A)!.Version.ShouldBe(10);
        publisher.Changes.ShouldBeEmpty();
        node.Engine.Snapshot().UnpublishedRecords.ShouldBeGreaterThanOrEqualTo(10);
        publisher.Failure = null;
        world.Pass(60);
        publisher.Versions(A).ShouldBe(Enumerable.Range(1, 10).Select(version => (long)version));
    });

    [Fact]
    public void An_engine_stops_in_good_order_while_the_publisher_is_down() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher { Failure = () => new InvalidOperationException("down") };
        var node = await world.StartAsync(publisher: publisher);
        await node.Do(Make.Add(A, "n", 1));
        var stall = publisher.Stall();
        world.Pass(60);
        var stopping = node.StopAsync();
        stall.SetException(new InvalidOperationException("down for good"));
        await stopping;
        world.Stored(A)!.Version.ShouldBe(1);
        publisher.Failure = null;
        await world.StartAsync(publisher: publisher);
        world.Settle();
        publisher.Versions(A).ShouldBe([1]);
    });

    [Fact]
    public void Poison_goes_to_the_dead_letters_and_the_rest_goes_on() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher();
        var node = await world.StartAsync(publisher: publisher);
        await node.Do(Make.Add(A, "n", 1));
        publisher.Poison = change => change.Version == 2;
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(A, "n", 1));
        world.Pass(5);
        publisher.Versions(A).ShouldBe([1, 3]);
        var letter = world.Database.DeadLetters(0, 10).ShouldHaveSingleItem();
        (letter.Source, letter.Key, letter.Shard).ShouldBe(("relay", A, 0));
        letter.Payload.IsEmpty.ShouldBeFalse();
    });

    [Fact]
    public void Poison_that_no_dead_letter_can_be_written_for_holds_nobody_up() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher { Poison = change => change.Version == 2 };
        var node = await world.StartAsync(publisher: publisher);
        node.Faults.FailNext(StoreOperation.WriteDeadLetter, times: 3);
        node.Faults.FailNext(StoreOperation.WriteDeadLetter, times: 1_000, isTransient: false);
        for (var i = 0; i < 3; i++)
            await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(B, "n", 1));
        world.Pass(10);
        publisher.Versions(A).ShouldBe([1, 3]);
        publisher.Versions(B).ShouldBe([1]);
        node.Faults.Waiting.ShouldBe(999, "what passes is waited for, and what does not is tried once");
    });

    /// <summary>Found by the simulator on real threads: with one commit per round trip the relay fell behind for ever.</summary>
    [Fact]
    public void What_was_committed_during_a_round_trip_is_published_with_the_next_one() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher();
        var node = await world.StartAsync(publisher: publisher);
        var stall = publisher.Stall();
        for (var i = 0; i < 10; i++)
            await node.Do(Make.Add(A, "n", 1));
        publisher.Calls.ShouldBe(1);
        stall.SetResult();
        world.Settle();
        publisher.Versions(A).ShouldBe(Enumerable.Range(1, 10).Select(version => (long)version));
        publisher.Calls.ShouldBe(2);
    });

    [Fact]
    public void A_relay_that_fell_far_behind_reads_the_journal() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher();
        var node = await world.StartAsync(publisher: publisher);
        var stall = publisher.Stall();
        var blob = Value.From(new ReadOnlyMemory<byte>(new byte[900_000]));
        for (var i = 0; i < 40; i++)
            await node.Do(Make.Set(A, "blob", blob));
        stall.SetResult();
        world.Settle();
        publisher.Versions(A).ShouldBe(Enumerable.Range(1, 40).Select(version => (long)version));
    });

    [Fact]
    public void A_relay_whose_read_of_the_journal_failed_tries_again_by_itself() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher();
        var node = await world.StartAsync(publisher: publisher);
        var first = publisher.Stall();
        var blob = Value.From(new ReadOnlyMemory<byte>(new byte[900_000]));
        for (var i = 0; i < 30; i++)
            await node.Do(Make.Set(A, "blob", blob));
        node.Faults.FailNext(StoreOperation.ReadJournal, times: 3);
        first.SetResult();
        world.Pass(30);
        publisher.Versions(A).Count().ShouldBe(30);
    });

    [Fact]
    public void Unpublished_segments_are_not_trimmed() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher { Failure = () => new InvalidOperationException("down") };
        var node = await world.StartAsync(World.Options with { JournalRetention = TimeSpan.FromMinutes(5) }, publisher);
        await node.Do(Make.Add(A, "n", 1));
        world.Pass(1_000);
        await node.Do(Make.Add(A, "n", 1));
        world.Pass(1_000);
        world.Journal(0).Count(segment => !segment.IsBarrier).ShouldBe(2);
        publisher.Failure = null;
        world.Pass(1_000);
        publisher.Versions(A).ShouldBe([1, 2]);
        world.Journal(0).Count.ShouldBe(1, "the newest segment stays");
    });
}
