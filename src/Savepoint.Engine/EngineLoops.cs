using System.Diagnostics.CodeAnalysis;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Maintenance;
using Savepoint.Engine.Spanning;

namespace Savepoint.Engine;

/// <summary>The flows that run while the engine serves. They stay on the scheduler that <see cref="Start"/> was called on.</summary>
internal sealed class EngineLoops(
    EngineContext context, DatabaseLoops[] databases, Sweeper sweeper, UnitLoop units, DatabaseOpening opening) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _stoppingCommits = new();
    private Task[] _loops = [];
    private Task[] _commits = [];

    public void Start()
    {
        _commits = Array.ConvertAll(databases, database => GuardAsync(database.CommitAsync(_stoppingCommits.Token)));
        _loops =
        [
            .. databases.SelectMany(database => database.Start(_stopping.Token)).Select(GuardAsync),
            GuardAsync(sweeper.RunAsync(_stopping.Token)),
            GuardAsync(units.RunAsync(_stopping.Token)),
            GuardAsync(opening.RunAsync(_stopping.Token)),
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
    /// 1. stop everything but the committers; 2. checkpoint all that has changed, for which the committers have to go on; 3. stop the committers, which
    /// end once their queues are empty.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Cancel(_stopping);
        foreach (var database in databases)
            database.Wake();
        try
        {
            await Task.WhenAll(_loops);
            await Task.WhenAll(databases.Select(database => database.CheckpointAsync(cancellationToken)));
        }
        finally
        {
            Cancel(_stoppingCommits);
            foreach (var database in databases)
                database.WakeCommitter();
            await Task.WhenAll(_commits);
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
