namespace Savepoint.Testing;

/// <summary>
/// Where simulated processes, their network and their database live: one executor, one clock, one seed. On a <see cref="VirtualScheduler"/> a run is decided
/// by its seed alone; on real threads (<see cref="OnThreads"/>) the same code meets data races instead.
/// </summary>
public sealed class SimulatedWorld
{
    private readonly Lock _gate = new();
    private readonly HashSet<object> _timers = [];
    private readonly HashSet<SimulatedProcess> _processes = [];
    private readonly Random _seeds;
    private volatile bool _isOver;

    private SimulatedWorld(int seed, SynchronizationContext executor, TimeProvider time, VirtualScheduler? scheduler)
    {
        _seeds = new Random(seed);
        (Seed, Executor, Time, Scheduler) = (seed, executor, time, scheduler);
    }

    /// <summary>The seed that decides everything.</summary>
    public int Seed { get; }

    /// <summary>The true time, which no process sees exactly.</summary>
    public TimeProvider Time { get; }

    /// <summary>The scheduler; null on real threads.</summary>
    public VirtualScheduler? Scheduler { get; }

    /// <summary>Where all code of the world runs.</summary>
    public SynchronizationContext Executor { get; }

    /// <summary>On real threads, the first thing that code of a process has thrown; on a scheduler the scheduler throws it.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether one run is as the other.</summary>
    public bool IsDeterministic => Scheduler is not null;

    /// <summary>A world on one thread and virtual time, whose seed also decides what runs next whenever there is a choice.</summary>
    public static SimulatedWorld Create(int seed)
    {
        var scheduler = new VirtualScheduler(order: new Random(seed ^ 0x5eed));
        return new SimulatedWorld(seed, scheduler, scheduler.Time, scheduler);
    }

    /// <summary>A world on the threads of the pool and a real clock: the seed decides what is done, and not in which order.</summary>
    public static SimulatedWorld OnThreads(int seed, TimeProvider time) => new(seed, new SynchronizationContext(), time, null);

    /// <summary>A source of randomness for one flow, which differs from all others and depends on the seed and the calls so far only.</summary>
    public Random NewRandom()
    {
        lock (_gate)
            return IsDeterministic ? new Random(_seeds.Next()) : new SharedRandom(_seeds.Next());
    }

    /// <summary>Makes a process; it lives until it crashes or is forgotten.</summary>
    /// <param name="name">Its name, for traces.</param>
    /// <param name="clockError">How far its clock is off; null for not at all.</param>
    /// <param name="isOrdered">
    /// Whether its steps run in the order in which they were posted, as on a game's main thread; else in any order, as on a thread pool.
    /// </param>
    public SimulatedProcess NewProcess(string name, ClockError? clockError = null, bool isOrdered = false)
    {
        var process = new SimulatedProcess(this, name, isOrdered || !IsDeterministic ? null : NewRandom(), clockError ?? ClockError.None);
        lock (_gate)
            _processes.Add(process);
        process.OnDeath(() => Forget(process));
        if (_isOver)
            process.Crash();
        return process;
    }

    /// <summary>Ends all processes and all that was to happen later: nothing of the world goes on, and nothing keeps it in memory.</summary>
    public void EndAll()
    {
        _isOver = true;
        SimulatedProcess[] living;
        lock (_gate)
            living = [.. _processes];
        foreach (var process in living)
            process.Crash();
    }

    /// <summary>Does something after a time, outside of any process.</summary>
    public void After(TimeSpan delay, Action action)
    {
        if (_isOver)
            return;
        var timer = new Delayed(this, action);
        if (!IsDeterministic)
        {
            // Nothing else holds a timer of the system that nobody disposes of.
            lock (_gate)
                _timers.Add(timer);
        }

        timer.Start(delay);
    }

    internal void Report(Exception failure)
    {
        lock (_gate)
            Failure ??= failure;
    }

    private void Forget(SimulatedProcess process)
    {
        lock (_gate)
            _processes.Remove(process);
    }

    private sealed class Delayed(SimulatedWorld world, Action action)
    {
        private ITimer? _timer;

        public void Start(TimeSpan delay)
        {
            _timer = world.Time.CreateTimer(static delayed => ((Delayed)delayed!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }

        private void Fire()
        {
            if (!world.IsDeterministic)
            {
                lock (world._gate)
                    world._timers.Remove(this);
            }

            _timer?.Dispose();
            if (!world._isOver)
                action();
        }
    }
}
