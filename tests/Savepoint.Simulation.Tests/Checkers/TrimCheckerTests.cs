using Savepoint.Engine.Storage;
using Savepoint.Testing;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class TrimCheckerTests : IDisposable
{
    private static readonly JournalSegment Segment = new(0, 1, 2, 1, Guid.Empty, default, default);

    private readonly ForgedStore _store = new();
    private readonly Scene _scene;

    public TrimCheckerTests()
    {
        _scene = new Scene(new TrimChecker(_ => _store, shards: 1));
        _scene.Commit(Entry.Change(), Entry.Change());
    }

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void What_is_needed_is_kept()
    {
        (_store.Tail, _store.Segment, _store.Shard) = (Segment, Segment, new ShardState(0, 1, 1, 1, default));
        Trim();
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void What_is_checkpointed_and_published_may_go()
    {
        (_store.Tail, _store.Shard) = (Segment, new ShardState(0, 1, 2, 2, default));
        Trim();
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void The_newest_segment_is_kept()
    {
        (_store.Segment, _store.Shard) = (Segment, new ShardState(0, 1, 2, 2, default));
        Trim();
        _scene.Fault.ShouldBe("I1");
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void What_is_not_checkpointed_or_not_published_is_kept(long checkpointed, long published)
    {
        (_store.Tail, _store.Shard) = (Segment, new ShardState(0, 1, checkpointed, published, default));
        Trim();
        _scene.Fault.ShouldBe("I7");
    }

    private void Trim() => _scene.History.Written("node-1", new StoreCall(StoreOperation.TrimJournal));
}
