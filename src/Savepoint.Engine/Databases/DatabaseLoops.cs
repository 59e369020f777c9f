using Savepoint.Engine.Checkpoints;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Maintenance;
using Savepoint.Engine.Relay;

namespace Savepoint.Engine.Databases;

/// <summary>The flows that run for one database while the engine serves.</summary>
internal sealed class DatabaseLoops(
    Database database, Committer committer, Checkpointer checkpointer, Retention retention, StoreProbe probe, EntityLoader loader, RelayLoop? relay)
{
    /// <summary>Commits until it is stopped and nothing is queued any more.</summary>
    public Task CommitAsync(CancellationToken stopping) => committer.RunAsync(stopping);

    /// <summary>Starts everything else.</summary>
    public IEnumerable<Task> Start(CancellationToken stopping) =>
    [
        checkpointer.RunAsync(stopping),
        retention.RunAsync(stopping),
        loader.RunAsync(database, stopping),
        probe.RunAsync(stopping),
        relay?.RunAsync(stopping) ?? Task.CompletedTask,
    ];

    /// <summary>Lets those that wait for something see that they are to stop.</summary>
    public void Wake()
    {
        database.Wanted.Wake();
        database.Feed.Signal.Set();
    }

    public void WakeCommitter() => database.WakeCommitter();

    /// <summary>Checkpoints all that has changed.</summary>
    public Task CheckpointAsync(CancellationToken cancellationToken) => checkpointer.PassAsync(cancellationToken);
}
