using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>
/// One run: a database, nodes with the production engine, clients, and everything that can go wrong, all decided by one seed.
/// </summary>
public sealed class SimulationRun : IDisposable
{
    private readonly SimulatedWorld _world;
    private readonly SimulationSettings _settings;
    private readonly Verdict _verdict = new();
    private readonly History _history;
    private readonly SimulationContext _run;
    private readonly FaultDirector _faults;
    private readonly Trace _trace;
    private readonly Workload[] _workloads;
    private int _active;

    private SimulationRun(SimulatedWorld world, SimulationSettings settings)
    {
        (_world, _settings) = (world, settings);
        var options = settings.EngineOptions();
        var database = new SimulatedDatabase(world, new MemoryDatabase());
        _trace = new Trace(world.Time, settings.Trace, settings.HashesTrace);
        var look = OpenedStore(database.Data, options.ShardCount, world);
        _history = new History(world.Time, _verdict, _trace,
        [
            new JournalChecker(),
            new OutcomeChecker(),
            new VisibilityChecker(options.JournalRetention),
            new SessionChecker(),
            new OrderChecker(),
            new CheckpointChecker(look),
            new TrimChecker(look, options.ShardCount),
            new BoundsChecker(options),
        ]);
        database.Written = (process, call) => _history.Written(process.Name, call);
        var broker = new Broker(world, _history);
        _run = new SimulationContext(world, settings, _history)
        {
            Cluster = new Cluster(world, database, broker, options, settings.Pace, _history),
            Wire = new Wire(world, settings.Pace),
        };
        _faults = new FaultDirector(_run, database, broker);
        _workloads = [new CounterWorkload(), new TransferWorkload(), new EditWorkload()];
    }

    /// <summary>Runs a seed on virtual time.</summary>
    public static SimulationResult Run(int seed, SimulationSettings? settings = null)
    {
        using var run = new SimulationRun(SimulatedWorld.Create(seed), settings ?? new SimulationSettings());
        try
        {
            run._world.Scheduler!.MaxSteps = run._settings.MaxSteps;
            run._world.Scheduler.Run(run.RunAsync, TimeSpan.FromHours(2));
        }
        catch (TimeoutException endless)
        {
            run._verdict.Fail("progress", $"it does not end: {endless.Message}");
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to the seed.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            run._verdict.Fail("fault", failure.ToString());
        }

        return run.Result();
    }

    /// <inheritdoc/>
    public void Dispose() => _trace.Dispose();

    private static MemoryStore OpenedStore(MemoryDatabase data, int shards, SimulatedWorld world)
    {
        var store = new MemoryStore(data);
        var opened = store.OpenAsync(new StoreOpenOptions(shards, Guid.Empty, world.Time.GetUtcNow()), CancellationToken.None);
        return opened.IsCompletedSuccessfully ? store : throw new InvalidOperationException("Memory has to open at once.");
    }

    private async Task RunAsync()
    {
        var until = _world.Time.GetUtcNow() + _settings.Pace.Scale(_settings.Duration);
        _run.Cluster.StartNode();
        foreach (var workload in _workloads)
            Start(workload);
        var faults = _faults.RunAsync();
        while (!_verdict.IsBroken && (_world.Time.GetUtcNow() < until || _run.Operations < _settings.Operations || !faults.IsCompleted))
            await PauseAsync(TimeSpan.FromSeconds(1));
        if (_verdict.IsBroken)
            return;
        await faults;
        await new RestPhase(_run, _settings, PauseAsync).RunAsync(_faults, () => Volatile.Read(ref _active), _workloads);
    }

    private void Start(Workload workload)
    {
        for (var i = 0; i < workload.Clients; i++)
        {
            var client = new RawClient(_run, $"{workload.GetType().Name.Replace("Workload", "", StringComparison.Ordinal)}-{i + 1}");
            Interlocked.Increment(ref _active);
            client.Process.Start(async () =>
            {
                await workload.RunAsync(_run, client);
                Interlocked.Decrement(ref _active);
            });
        }
    }

    private Task PauseAsync(TimeSpan time) => Task.Delay(_settings.Pace.Scale(time), _world.Time);

    private SimulationResult Result() => new(_world.Seed, _verdict.Invariant, _verdict.Violation)
    {
        Operations = _run.Operations,
        Commits = _history.Ledger.Commits,
        Records = _history.Ledger.Records,
        Elapsed = _world.Scheduler?.Time.Elapsed ?? default,
        Steps = _world.Scheduler?.Steps ?? 0,
        Nodes = _run.Cluster.Started,
        Faults = _faults.Counts,
        TraceHash = _trace.Hash,
    };
}
