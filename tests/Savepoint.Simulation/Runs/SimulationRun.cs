using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>One run: one database or two, nodes with the production engine, clients, and everything that can go wrong, all decided by one seed.</summary>
public sealed class SimulationRun : IDisposable
{
    private readonly SimulatedWorld _world;
    private readonly SimulationSettings _settings;
    private readonly Verdict _verdict = new();
    private readonly OrderChecker _order = new();
    private readonly History _history;
    private readonly SimulationContext _run;
    private readonly FaultDirector _faults;
    private readonly Trace _trace;
    private readonly Workload[] _workloads;
    private readonly long _started;

    private SimulationRun(SimulatedWorld world, SimulationSettings settings)
    {
        (_world, _settings, _started) = (world, settings, world.Time.GetTimestamp());
        var options = settings.EngineOptions();
        var databases = new DatabaseSet(world, options.ShardCount, settings.IsSpread ?? world.Seed % 3 == 1 ? 2 : 1);
        var network = new SimulatedNetwork(world) { Weather = NetworkFaults.FairAt(settings.Pace) };
        var book = new ChangeBook(databases);
        var isShared = settings.IsShared ?? world.Seed % 2 == 0;
        _trace = new Trace(world.Time, settings.Trace, settings.HashesTrace);
        _history = new History(world.Time, _verdict, _trace,
        [
            new JournalChecker(),
            new OutcomeChecker(),
            new VisibilityChecker(options.JournalRetention),
            new SessionChecker(options.SessionLease),
            new MessageChecker(options.MaxMessages),
            new DeferredChecker(),
            new UnitChecker(),
            new MigrationChecker(isShared),
            _order,
            new CheckpointChecker(databases.LookAt),
            new TrimChecker(databases.LookAt, options.ShardCount),
            new BoundsChecker(options),
            book,
        ]);
        databases.OnWritten((process, call) => _history.Written(process.Name, call));
        var broker = new Broker(world, _history);
        var wire = new Wire(world, settings.Pace);
        var membership = isShared ? new Membership(world, databases.First, settings.Pace, options.ShardCount, wire) : null;
        _run = new SimulationContext(world, settings, _history)
        {
            Cluster = new Cluster(world, databases, network, broker, options, settings.Pace, _history, membership, wire),
            IsShared = isShared,
            Databases = databases,
            Wire = wire,
            Network = network,
        };
        _faults = new FaultDirector(_run, broker);
        _workloads =
        [
            new CounterWorkload(), new TransferWorkload(), new EditWorkload(), new SessionWorkload(), new MessageWorkload(), new WatchWorkload(),
            new RegisterWorkload(), new DeferredWorkload(), .. isShared ? (Workload[])[] : [new GameServerWorkload(book), new PlayerWorkload(book)],
        ];
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

    /// <summary>
    /// Runs a seed on the threads of the pool, which meets the data races that one thread can't: the seed decides what is done, the machine in which order.
    /// </summary>
    /// <param name="seed">The seed.</param>
    /// <param name="time">A clock that goes on by itself.</param>
    /// <param name="settings">How large it is; null for <see cref="SimulationSettings.OnThreads"/>.</param>
    public static async Task<SimulationResult> RunOnThreadsAsync(int seed, TimeProvider time, SimulationSettings? settings = null)
    {
        settings ??= SimulationSettings.OnThreads();
        using var run = new SimulationRun(SimulatedWorld.OnThreads(seed, time), settings);
        try
        {
            await run.RunAsync().WaitAsync(settings.Pace.Scale((3 * settings.Duration) + (4 * settings.Rest)), time);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            run._verdict.Fail("fault", failure.ToString());
        }

        return run.Result();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _world.EndAll();
        _trace.Dispose();
    }

    private async Task RunAsync()
    {
        var until = _world.Time.GetUtcNow() + _settings.Pace.Scale(_settings.Duration);
        while (_run.Cluster.Started < _run.Cluster.Size)
            _run.Cluster.StartNode();
        var clients = new ActiveClients(_run);
        foreach (var workload in _workloads)
            clients.Start(workload);
        var faults = _faults.RunAsync();
        while (GoesOn() && (_world.Time.GetUtcNow() < until || _run.Operations < _settings.Operations || !faults.IsCompleted))
            await _run.PauseAsync(TimeSpan.FromSeconds(1));
        if (_verdict.IsBroken)
            return;
        await faults;
        await new RestPhase(_run, _order).RunAsync(_faults, clients, _workloads);
        GoesOn();
    }

    private bool GoesOn()
    {
        if (_world.Failure is { } failure)
            _verdict.Fail("fault", failure.ToString());
        return !_verdict.IsBroken;
    }

    private SimulationResult Result() => new(_world.Seed, _verdict.Invariant, _verdict.Violation)
    {
        Operations = _run.Operations,
        Commits = _history.Ledger.Commits,
        Records = _history.Ledger.Records,
        Units = _history.Ledger.Units.Decided,
        AbortedUnits = _history.Ledger.Units.Aborted,
        Elapsed = _world.Time.GetElapsedTime(_started),
        Steps = _world.Scheduler?.Steps ?? 0,
        Nodes = _run.Cluster.Started,
        Faults = _faults.Counts,
        TraceHash = _trace.Hash,
    };
}
