using System.Diagnostics.CodeAnalysis;
using Savepoint.Engine.Checkpoints;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Maintenance;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Spanning;

namespace Savepoint.Engine;

/// <summary>The flows that run while the engine serves. They stay on the scheduler that <see cref="Start"/> was called on.</summary>
internal sealed class EngineLoops(
    EngineContext context,
    Committer committer,
    Checkpointer checkpointer,
    Sweeper sweeper,
    Retention retention,
    EntityLoader loader,
    UnitLoop units,
    RelayLoop? relay) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _stoppingCommits = new();
    private Task[] _loops = [];
    private Task _commits = Task.CompletedTask;

    public void Start()
    {
        _commits = GuardAsync(committer.RunAsync(_stoppingCommits.Token));
        _loops =
        [
            GuardAsync(checkpointer.RunAsync(_stopping.Token)),
            GuardAsync(sweeper.RunAsync(_stopping.Token)),
            GuardAsync(retention.RunAsync(_stopping.Token)),
            GuardAsync(loader.RunAsync(_stopping.Token)),
            GuardAsync(units.RunAsync(_stopping.Token)),
            GuardAsync(new StoreProbe(context).RunAsync(_stopping.Token)),
            GuardAsync(relay?.RunAsync(_stopping.Token) ?? Task.CompletedTask),
        ];
    }

    /// <summary>A flow that ends by an exception is a bug that nobody would notice: the engine says so and takes no more requests.</summary>
    private async Task GuardAsync(Task flow)
    {
        try
        {
            await flow;
        }
        catch (Exception fault)
        {
            context.Report(fault);
            context.IsServing = false;
            throw;
        }
    }

    /// <summary>
    /// 1. stop everything but the committer; 2. checkpoint all that has changed, for which the committer has to go on; 3. stop the committer, which
    /// ends once its queue is empty.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Cancel(_stopping);
        loader.Wake();
        relay?.Wake();
        try
        {
            await Task.WhenAll(_loops);
            await checkpointer.PassAsync(cancellationToken);
        }
        finally
        {
            Cancel(_stoppingCommits);
            context.WakeCommitter();
            await _commits;
            Dispose();
        }
    }

    // CancelAsync would leave the scheduler that the loops run on for the thread pool.
    [SuppressMessage("Performance", "CA1849", Justification = "See above.")]
    private static void Cancel(CancellationTokenSource source) => source.Cancel();

    public void Dispose()
    {
        _stopping.Dispose();
        _stoppingCommits.Dispose();
    }
}
