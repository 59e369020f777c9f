using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Watching;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>A server process, with the production engine and stream server in it.</summary>
internal sealed class Node
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly SimulatedServer _server;
    private readonly History _history;
    private readonly StopLimits _limits;

    public Node(SimulatedProcess process, SimulatedServer server, History history, StopLimits limits)
    {
        (Process, _server, _history, _limits) = (process, server, history, limits);
        process.Start(RunAsync);
    }

    public SimulatedProcess Process { get; }

    public StateEngine Engine => _server.Engine;

    /// <summary>Where SDK clients connect to.</summary>
    public SimulatedListener Listener => _server.Listener;

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
            var (isQuiet, seen, disturbances) = (IsQuiet, ReadNow(), _limits.Disturbances());
            try
            {
                await _server.StopAsync(limit.Token);
                if (isQuiet && disturbances == _limits.Disturbances())
                    _history.Stopped(Name, seen);
            }
            catch (OperationCanceledException)
            {
                _history.Note(Name, "took too long to stop");
            }

            Process.Crash();
        });
    }

    /// <summary>Whether nothing is on its way to the database that could still go wrong because of what happened before.</summary>
    private bool IsQuiet => IsServing && Engine.Snapshot() is { QueuedUnits: 0, QueuedBytes: 0, StoreFailure: null, FailedShards.Count: 0 };

    /// <summary>What can be read at once: nothing else has changes that are not journaled.</summary>
    private List<EntitySnapshot> ReadNow()
    {
        var answered = new List<EntitySnapshot>();
        for (var i = 0; i < DeferredWorkload.Bodies; i++)
        {
            Engine.Read(new RawReading(_history, Name, read =>
            {
                lock (answered)
                    answered.Add(read.Snapshot);
            }) { Key = GameKinds.Body(i) });
        }

        lock (answered)
            return [.. answered];
    }

    private async Task RunAsync()
    {
        try
        {
            await _server.StartAsync();
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

/// <summary>What a node may need to stop in good order.</summary>
/// <param name="Most">How long it may take.</param>
/// <param name="Disturbances">Counts what can keep it from doing so: faults of the database, and nodes that take over.</param>
internal sealed record StopLimits(TimeSpan Most, Func<int> Disturbances);
