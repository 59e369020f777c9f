using Savepoint.Engine.Storage;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class CheckpointCheckerTests : IDisposable
{
    private static readonly StoredEntity Newest = new(0, Scene.Key, 2, 2, Scene.Bytes("""{"n":2}"""), default, default);

    private readonly ForgedStore _store = new();
    private readonly Scene _scene;

    public CheckpointCheckerTests()
    {
        _scene = new Scene(new CheckpointChecker(_ => _store));
        _scene.Commit(Entry.Change("n", 1), Entry.Change("n", 2));
    }

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_checkpoint_of_what_is_committed_is_all_right()
    {
        Store(Newest);
        Claim(2);
        _scene.Checkpoint(new CheckpointBatch([], [new StoredSnapshot(0, Scene.Key, 1, 1, Scene.Bytes("""{"n":1}"""), default)], []));
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void Nothing_is_stored_before_it_is_committed()
    {
        Store(Newest with { Version = 3, Sequence = 3 });
        _scene.Fault.ShouldBe("I7");
    }

    [Fact]
    public void What_is_stored_is_what_was_committed()
    {
        Store(Newest with { Document = Scene.Bytes("""{"n":1}""") });
        _scene.Fault.ShouldBe("I7");
    }

    [Fact]
    public void What_is_written_is_there()
    {
        _scene.Checkpoint(new CheckpointBatch([Newest], [], []));
        _scene.Fault.ShouldBe("I7");
    }

    [Fact]
    public void What_is_stored_never_goes_back()
    {
        Store(Newest);
        Store(Newest with { Version = 1, Sequence = 1, Document = Scene.Bytes("""{"n":1}""") });
        _scene.Fault.ShouldBe("I7");
    }

    [Fact]
    public void A_checkpoint_holds_all_that_it_claims()
    {
        Store(Newest with { Version = 1, Sequence = 1, Document = Scene.Bytes("""{"n":1}""") });
        Claim(1);
        _scene.Fault.ShouldBeNull();
        Claim(2);
        _scene.Fault.ShouldBe("I7");
    }

    [Theory]
    [InlineData(1, """{"n":2}""")]
    [InlineData(3, """{"n":3}""")]
    public void A_snapshot_is_a_committed_version(long version, string json)
    {
        _scene.Checkpoint(new CheckpointBatch([], [new StoredSnapshot(0, Scene.Key, version, version, Scene.Bytes(json), default)], []));
        _scene.Fault.ShouldBe("I3");
    }

    private void Store(StoredEntity entity)
    {
        _store.Entity = entity;
        _scene.Checkpoint(new CheckpointBatch([entity], [], []));
    }

    private void Claim(long sequence)
    {
        _store.Shard = new ShardState(0, 1, sequence, 0, default);
        _scene.Checkpoint(new CheckpointBatch([], [], [_store.Shard]));
    }
}
