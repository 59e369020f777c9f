namespace Savepoint.Engine.Tests;

/// <summary>I7, P9: what was acknowledged of an entity that can't be read stays in the journal until a person has repaired it.</summary>
public sealed class HeldBackTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey Neighbour = World.KeyIn(0, 1);
    private static readonly EngineOptions Options = World.Options with { JournalRetention = TimeSpan.FromMinutes(5) };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_journal_keeps_what_is_newer_than_a_row_that_cannot_be_read(bool isFoundAtStart) => World.Run(async world =>
    {
        var (node, row) = await Damaged(world, isFoundAtStart);
        (await node.Json(A)).ShouldBe("Quarantined");
        for (var i = 0; i < 3; i++)
        {
            await node.Do(Make.Add(Neighbour, "n", 1));
            world.Pass(600);
        }

        world.StateOf(0).CheckpointSequence.ShouldBe(world.Journal(0)[^1].LastSequence, "checkpoints go on");
        world.Journal(0)[0].FirstSequence.ShouldBeLessThanOrEqualTo(row.Sequence + 1);
        node.Engine.Snapshot().HeldBackShards.ShouldBe(1);

        // Also after a restart, which reads no more of the journal than what is behind the checkpoint.
        node.Crash();
        node = await world.StartAsync(Options);
        world.Pass(600);
        world.Journal(0)[0].FirstSequence.ShouldBeLessThanOrEqualTo(row.Sequence + 1);
        node.Engine.Snapshot().HeldBackShards.ShouldBe(1);

        Write(world, row with { Version = 9, Sequence = row.Sequence + 3, Document = DocumentJson.Parse("""{"n":9}""").ToBytes() });
        world.Pass(600);
        world.Journal(0).Count.ShouldBe(1, "the newest segment stays");
        node.Engine.Snapshot().HeldBackShards.ShouldBe(0);
        (await node.Json(A)).ShouldBe("""{"n":9}""");
    });

    [Fact]
    public void A_damaged_row_that_has_nothing_newer_in_the_journal_holds_nothing_back() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        await node.Do(Make.Add(A, "n", 1));
        world.Pass(60);
        Write(world, world.Stored(A)! with { Document = new byte[] { 1, 99, 99 } });
        (await node.Json(A)).ShouldBe("Quarantined");
        await node.Do(Make.Add(Neighbour, "n", 1));
        world.Pass(1_000);
        world.Journal(0).Count.ShouldBe(1);
        node.Engine.Snapshot().HeldBackShards.ShouldBe(0);
    });

    /// <summary>An entity at version 3 whose row was stored at version 1, and is damaged then.</summary>
    private static async Task<(Node Node, StoredEntity Row)> Damaged(World world, bool isFoundAtStart)
    {
        var node = await world.StartAsync(Options);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(Neighbour, "n", 1));
        node.Checkpoint();
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(A, "n", 1));
        if (!isFoundAtStart)
        {
            // A commit that is given up drops it from memory before a checkpoint holds what was committed.
            node.Faults.FailNext(StoreOperation.Append, isTransient: false);
            await node.Try(Make.Add(A, "n", 1));
        }

        var row = world.Stored(A)!;
        Write(world, row with { Document = new byte[] { 1, 99, 99 } });
        if (!isFoundAtStart)
            return (node, row);
        node.Crash();
        return (await world.StartAsync(Options), row);
    }

    private static void Write(World world, StoredEntity row) => world.Database.Entities(row.Shard, entities =>
    {
        entities.Replace(row);
        return true;
    });
}
