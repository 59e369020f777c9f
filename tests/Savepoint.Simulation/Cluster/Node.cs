using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>A server process with the production engine in it.</summary>
internal sealed class Node
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly History _history;
    private readonly StopLimits _limits;

    public Node(SimulatedProcess process, StateEngine engine, History history, StopLimits limits)
    {
        (Process, Engine, _history, _limits) = (process, engine, history, limits);
        process.Start(RunAsync);
    }

    public SimulatedProcess Process { get; }

    public StateEngine Engine { get; }

    public string Name => Process.Name;

    /// <summary>Whether it has come up.</summary>
    public bool IsServing { get; private set; }

    /// <summary>Stops it in good order, as SIGTERM does; what takes too long is killed.</summary>
    public void Stop()
    {
        _history.Note(Name, "is stopped");
        Process.Start(async () =>
        {
            using var limit = new CancellationTokenSource(_limits.Most, Process.Time);
            try
            {
                await Engine.StopAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _history.Note(Name, "took too long to stop");
            }

            Process.Crash();
        });
    }

    private async Task RunAsync()
    {
        try
        {
            await Engine.StartAsync(CancellationToken.None);
        }
        catch (Exception failure) when (failure is StoreException or JournalConflictException)
        {
            _history.Note(Name, $"can't start: {failure.Message}");
            Process.Crash();
            return;
        }

        IsServing = true;
        _history.Note(Name, "serves");
        while (true)
        {
            await Task.Delay(LookEvery, Process.Time);
            _history.LookAt(Name, Engine.Snapshot());
        }
    }
}

/// <summary>How long a node may take to stop.</summary>
internal sealed record StopLimits(TimeSpan Most);
