using Savepoint.Engine.Relay;

namespace Savepoint.Engine.Tests;

/// <summary>A publisher that keeps what it is given, and fails as it is told to.</summary>
internal sealed class MemoryPublisher : IPublisher
{
    private TaskCompletionSource? _stall;

    public List<PublishedChange> Changes { get; } = [];

    /// <summary>How often it was asked to publish.</summary>
    public int Calls { get; private set; }

    public Func<Exception>? Failure { get; set; }

    public Func<PublishedChange, bool> Poison { get; set; } = _ => false;

    public IEnumerable<long> Versions(EntityKey key) => Changes.Where(change => change.Key == key).Select(change => change.Version);

    public TaskCompletionSource Stall() => _stall = new TaskCompletionSource();

    public async ValueTask PublishAsync(int shard, IReadOnlyList<PublishedChange> changes, CancellationToken cancellationToken)
    {
        Calls++;
        if (_stall is { } stall)
        {
            _stall = null;
            await stall.Task;
        }

        if (Failure is { } failure)
            throw failure();
        foreach (var change in changes)
        {
            if (Poison(change))
                throw new PublishException(change.Sequence, "poison");
        }

        Changes.AddRange(changes);
    }
}
