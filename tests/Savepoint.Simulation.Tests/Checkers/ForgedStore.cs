using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Simulation.Tests.Checkers;

/// <summary>A store that shows what a test wants it to show, and nothing else.</summary>
internal sealed class ForgedStore() : StoreDecorator(new MemoryStore(new MemoryDatabase()))
{
    // TrimChecker reads the tail first, then what is needed.
    private int _reads;

    public StoredEntity? Entity { get; set; }

    public ShardState Shard { get; set; } = new(0, 1, 0, 0, default);

    public JournalSegment? Tail { get; set; }

    /// <summary>The segment that holds whichever record is asked for.</summary>
    public JournalSegment? Segment { get; set; }

    protected override ValueTask<T> RunAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> run, CancellationToken cancellationToken)
    {
        object? shown = call.Operation switch
        {
            StoreOperation.ReadJournal => _reads++ % 2 == 0 ? Tail : Segment,
            _ => typeof(T) == typeof(ShardState) ? Shard : Entity,
        };
        return new ValueTask<T>((T)shown!);
    }
}
