namespace Savepoint.Engine.Tests;

/// <summary>P9, E3: an engine comes back with everything that was acknowledged, or says exactly what it can't.</summary>
public sealed class RecoveryTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Theory]
    [InlineData("bit")]
    [InlineData("cut")]
    [InlineData("format")]
    public void A_damaged_segment_closes_its_shard_and_no_other(string damage) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var i = 0; i < 3; i++)
            await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1));
        node.Crash();
        Damage(world, 0, 2, segment =>
        {
            var bytes = segment.Payload.ToArray();
            if (damage == "bit")
                bytes[^1] ^= 1;
            if (damage == "format")
                bytes[0] = 9;
            return segment with { Payload = damage == "cut" ? bytes[..^4] : bytes };
        });

        node = await world.StartAsync();
        var refused = await node.Try(Make.Add(A, "n", 1));
        refused!.Code.ShouldBe(RefusalCode.Unavailable);
        refused.Detail!.ShouldContain("shard 0");
        refused.Detail!.ShouldContain("sequence 3");
        (await node.Json(A)).ShouldBe("Unavailable");
        node.Watch(A).Log.ShouldBe(["refused Unavailable"]);
        node.Open(A, 1).Text.ShouldBe("Unavailable");
        (await node.Do(Make.Add(B, "n", 1))).ShouldBe(4);
        node.Engine.Snapshot().FailedShards.Keys.ShouldBe([0]);
        await node.StopAsync();
        world.StateOf(0).CheckpointSequence.ShouldBe(0);
    });

    [Fact]
    public void A_missing_segment_closes_its_shard() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var i = 0; i < 3; i++)
            await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1));
        node.Crash();
        Damage(world, 0, 2, _ => null);
        node = await world.StartAsync();
        (await node.Try(Make.Add(A, "n", 1)))!.Detail!.ShouldContain("records 3 to 3 are missing");
        (await node.Do(Make.Add(B, "n", 1))).ShouldBe(4);
    });

    [Fact]
    public void A_journal_that_is_shorter_than_its_checkpoint_closes_its_shard() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var i = 0; i < 3; i++)
            await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1));
        await node.StopAsync();
        Damage(world, 0, 3, _ => null);
        node = await world.StartAsync();
        (await node.Try(Make.Add(A, "n", 1)))!.Detail!.ShouldContain("the journal ends at sequence 3, before its checkpoint 4");
        (await node.Do(Make.Add(B, "n", 1))).ShouldBe(4);
    });

    [Theory]
    [InlineData("document", false)]
    [InlineData("document", true)]
    [InlineData("metadata", false)]
    [InlineData("time", false)]
    public void A_stored_entity_that_cannot_be_read_is_quarantined_and_never_becomes_defaults(string damage, bool isInJournal) => World.Run(async world =>
    {
        var hero = new EntityKey("hero", World.KeyIn(0).Id);
        var node = await world.StartAsync();
        await node.Do(Make.Add(hero, "gold", 5));
        await node.Do(Make.Message(hero));
        await node.Open(hero, 1).Opened;
        node.Checkpoint();
        if (isInJournal)
            await node.Do(Make.Add(hero, "gold", 5));
        node.Crash();
        var before = Overwrite(world, hero, row =>
        {
            var metadata = row.Metadata.ToArray();
            if (damage == "time")
                metadata.AsSpan(^8..).Fill(0x7f);
            return damage == "document"
                ? row with { Document = new byte[] { 1, 99, 99 } }
                : row with { Metadata = damage == "time" ? metadata : new byte[] { 1, 250 } };
        });

        node = await world.StartAsync();
        (await node.Json(hero)).ShouldBe("Quarantined");
        (await node.Code(Make.Add(hero, "gold", 1))).ShouldBe(RefusalCode.Quarantined);
        (await node.Code(Make.Remove(hero))).ShouldBe(RefusalCode.Quarantined);
        var holder = node.Open(hero, 2);
        var watcher = node.Watch(hero);
        await holder.Opened;
        (holder.Text, watcher.Log[0]).ShouldBe(("Quarantined", "refused Quarantined"));
        world.Pass(60);
        await node.StopAsync();
        var stored = world.Stored(hero)!;
        stored.QuarantineError.ShouldNotBeNull();
        stored.Document!.Value.ToArray().ShouldBe(before.Document!.Value.ToArray());
        stored.Sequence.ShouldBe(before.Sequence);
        world.Database.Quarantined(null, 10).ShouldHaveSingleItem();
    });

    [Fact]
    public void A_document_is_served_also_when_the_limits_of_its_kind_are_lower_now() => World.Run(async world =>
    {
        var deep = new EntityKey("deep", "d");
        var node = await world.StartAsync();
        await node.Do(Make.Set(deep, string.Join('.', Enumerable.Repeat("a", 30)), 1));
        await node.StopAsync();
        node = await world.StartAsync(kinds: new KindRegistry([new Kind { Name = "deep", Limits = new DocumentLimits { MaxDepth = 2 } }]));
        (await node.Json(deep)).ShouldStartWith("""{"a":{"a":""");
    });

    [Fact]
    public void A_removed_entity_stays_removed() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Remove(A));
        await node.StopAsync();
        world.Stored(A)!.Document.ShouldBeNull();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("none");
        (await node.Do(Make.Set(A, "n", 2))).ShouldBe(3);
    });

    [Fact]
    public void Stopping_leaves_everything_checkpointed_also_what_a_pass_under_way_had_not_come_to() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { CheckpointBatchSize = 1 });
        var keys = Enumerable.Range(0, 8).Select(number => World.KeyIn(number % World.Shards, number)).ToArray();
        foreach (var key in keys)
            await node.Do(Make.Set(key, "n", 1));
        var checkpoint = node.Faults.StallNext(StoreOperation.WriteCheckpoint);
        world.Pass(1.5);
        await checkpoint.Reached;
        var stopping = node.StopAsync();
        world.Settle();
        checkpoint.Fail(new OperationCanceledException());
        await stopping;
        foreach (var key in keys)
            world.Stored(key)!.Version.ShouldBe(1);
        for (var shard = 0; shard < World.Shards; shard++)
            world.StateOf(shard).CheckpointSequence.ShouldBe(world.Journal(shard)[^1].LastSequence);
    });

    [Fact]
    public void Stopping_answers_everyone() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var load = node.Faults.StallNext(StoreOperation.ReadEntities);
        var parked = node.Submit(Make.Set(B, "n", 1));
        var reading = node.Read(B);
        await load.Reached;
        var queued = node.Submit(Make.Set(A, "n", 2));
        var stopping = node.StopAsync();
        var late = node.Submit(Make.Set(A, "n", 3));
        late.Text.ShouldBe("ShuttingDown");
        load.Release();
        await stopping;
        world.Settle();
        queued.Text.ShouldBe("2");
        (parked.Text, reading.Text).ShouldBe(("ShuttingDown", "ShuttingDown"));
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"n":2}""");
    });

    private static void Damage(World world, int shard, int index, Func<JournalSegment, JournalSegment?> damage) =>
        world.Database.Journal(shard, journal =>
        {
            var segments = journal.Read(0, int.MaxValue).ToList();
            var changed = damage(segments[index]);
            journal.Replace(changed is { } segment ? [.. segments[..index], segment, .. segments[(index + 1)..]] : [.. segments[..index], .. segments[(index + 1)..]]);
            return true;
        });

    private static StoredEntity Overwrite(World world, EntityKey key, Func<StoredEntity, StoredEntity> damage)
    {
        var damaged = damage(world.Stored(key)!);
        world.Database.Entities(damaged.Shard, entities =>
        {
            entities.Replace(damaged);
            return true;
        });
        return damaged;
    }
}
