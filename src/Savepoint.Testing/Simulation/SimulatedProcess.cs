namespace Savepoint.Testing;

/// <summary>
/// A process of a <see cref="SimulatedWorld"/>: asynchronous code with a clock of its own, which can die at any await, stand still for as long as one likes,
/// and wake. It is the synchronization context of all that runs in it; what is started with <see cref="Start"/> stays in it as long as it uses no
/// <c>ConfigureAwait(false)</c> and no thread pool.
/// </summary>
public sealed class SimulatedProcess : SynchronizationContext
{
    private static readonly SendOrPostCallback RunOne = static process => ((SimulatedProcess)process!).RunNext();

    private readonly SimulatedWorld _world;
    private readonly Lock _gate = new();
    private readonly ReadySteps _steps;
    private readonly List<Action> _lastWill = [];
    private int _heldBack;
    private long _stepsToLive = long.MaxValue;
    private volatile bool _isAlive = true;

    internal SimulatedProcess(SimulatedWorld world, string name, Random? order, ClockError clockError)
    {
        (_world, Name) = (world, name);
        _steps = new ReadySteps(order);
        Time = new ProcessClock(this, world.Time, clockError);
    }

    /// <summary>Its name, for traces.</summary>
    public string Name { get; }

    /// <summary>Its clock: may run fast or slow, and its timers die with it.</summary>
    public ProcessClock Time { get; }

    /// <summary>Whether it has not crashed.</summary>
    public bool IsAlive => _isAlive;

    /// <summary>Whether it stands still.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Starts code in the process. What it throws is thrown by the scheduler, and fails the simulation.</summary>
    public void Start(Func<Task> code) => Post(static code => _ = RunAsync((Func<Task>)code!), code);

    /// <summary>Runs something in the process, soon.</summary>
    public void Post(Action step) => Post(static step => ((Action)step!)(), step);

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            if (!IsAlive)
                return;
            _steps.Add((d, state));
        }

        _world.Executor.Post(RunOne, this);
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!ReferenceEquals(Current, this))
            throw new InvalidOperationException("Only what runs in the process may send to it.");
        d(state);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Ends the process without a word: none of its code runs on behind its next await, no timer fires, its connections break.</summary>
    public void Crash()
    {
        lock (_gate)
        {
            if (!IsAlive)
                return;
            _isAlive = false;
            _steps.Clear();
        }

        foreach (var action in _lastWill)
            action();
    }

    /// <summary>Has the world do something when the process dies: break its connections, start it again. At once when it is dead.</summary>
    public void OnDeath(Action action)
    {
        lock (_gate)
        {
            if (IsAlive)
            {
                _lastWill.Add(action);
                return;
            }
        }

        action();
    }

    /// <summary>Lets the process die before a coming step.</summary>
    /// <param name="steps">How many more steps it takes; a step is what runs between two awaits.</param>
    public void CrashAfter(long steps)
    {
        lock (_gate)
            _stepsToLive = steps;
    }

    /// <summary>Stops the process where it stands, as a suspended machine does: the clock goes on, nothing runs, connections stay.</summary>
    public void Pause()
    {
        lock (_gate)
            IsPaused = true;
    }

    /// <summary>Lets a paused process go on.</summary>
    public void Resume()
    {
        int waiting;
        lock (_gate)
        {
            IsPaused = false;
            (waiting, _heldBack) = (_heldBack, 0);
        }

        for (; waiting > 0; waiting--)
            _world.Executor.Post(RunOne, this);
    }

    private void RunNext()
    {
        (SendOrPostCallback Callback, object? State) step;
        lock (_gate)
        {
            if (IsPaused)
            {
                _heldBack++;
                return;
            }

            if (!_steps.TryTake(out step))
                return;
            _stepsToLive--;
        }

        if (_stepsToLive < 0)
        {
            Crash();
            return;
        }

        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            step.Callback(step.State);
        }
        catch (Exception failure) when (!_world.IsDeterministic)
        {
            _world.Report(failure);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    // Nobody awaits it: a failure goes to the scheduler by way of an async void method.
    private static async Task RunAsync(Func<Task> code)
    {
        var task = code();
        try
        {
            await task;
        }
        catch (Exception failure) when (failure is not null)
        {
            Current!.Post(static failure => System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw((Exception)failure!), failure);
        }
    }
}
