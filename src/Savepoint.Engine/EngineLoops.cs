using System.Diagnostics.CodeAnalysis;
using Savepoint.Engine.Checkpoints;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Maintenance;
using Savepoint.Engine.Relay;

namespace Savepoint.Engine;

/// <summary>The flows that run while the engine serves. They stay on the scheduler that <see cref="Start"/> was called on.</summary>
internal sealed class EngineLoops(
    EngineContext context,
    Committer committer,
    Checkpointer checkpointer,
    Sweeper sweeper,
    Retention retention,
    EntityLoader loader,
    RelayLoop? relay) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _stoppingCommits = new();
    private Task[] _loops = [];
    private Task _commits = Task.CompletedTask;

    public void Start()
    {
        _commits = committer.RunAsync(_stoppingCommits.Token);
        _loops =
        [
            checkpointer.RunAsync(_stopping.Token),
            sweeper.RunAsync(_stopping.Token),
            retention.RunAsync(_stopping.Token),
            loader.RunAsync(_stopping.Token),
            relay?.RunAsync(_stopping.Token) ?? Task.CompletedTask,
        ];
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
        await Task.WhenAll(_loops);
        try
        {
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
