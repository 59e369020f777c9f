namespace Savepoint.Testing;

/// <summary>
/// Runs asynchronous code on one thread, in one order, on virtual time: what is ready runs in the order in which it became ready, or in one that a seed
/// decides, and only when nothing is ready any more does the clock move, straight to its next timer. The same code with the same seed so takes the same steps on every run, and an hour of
/// waiting takes no time at all.
/// </summary>
/// <remarks>
/// What runs on it must not leave it: no thread pool, no <c>ConfigureAwait(false)</c>, no blocking; and no <c>Task.WhenAny</c> or <c>WhenAll</c> over the
/// task of a <see cref="TaskCompletionSource"/> that runs its continuations asynchronously, which goes through the thread pool where an await does not.
/// </remarks>
public sealed class VirtualScheduler : SynchronizationContext
{
    private readonly Lock _gate = new();
    private readonly ReadySteps _ready;
    private bool _isRunning;
    private int _thread;
    private string? _stray;

    /// <summary>Makes a scheduler.</summary>
    /// <param name="time">Its clock; null for a new one.</param>
    /// <param name="order">
    /// Chooses which of the steps that are ready runs next, as the threads of a real machine would by chance; null runs them in the order in which they
    /// became ready.
    /// </param>
    public VirtualScheduler(VirtualTime? time = null, Random? order = null)
    {
        Time = time ?? new VirtualTime();
        _ready = new ReadySteps(order);
    }

    /// <summary>The clock.</summary>
    public VirtualTime Time { get; }

    /// <summary>How many steps were run.</summary>
    public long Steps { get; private set; }

    /// <summary>
    /// The most steps that may be run; then whatever runs them throws. It ends code that is ready again and again, which no limit of virtual time would: its
    /// clock stands still. The default value is <see cref="long.MaxValue"/>.
    /// </summary>
    public long MaxSteps { get; set; } = long.MaxValue;

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            // Where another thread comes in, two runs differ: found at once rather than in one run of a thousand.
            if (_isRunning && Environment.CurrentManagedThreadId != _thread)
                _stray ??= Environment.StackTrace;
            _ready.Add((d, state));
        }
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!ReferenceEquals(Current, this))
            throw new InvalidOperationException("Only what runs on the scheduler may send to it.");
        d(state);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Starts asynchronous code and runs everything until it has ended; what it throws is thrown.</summary>
    /// <param name="code">The code.</param>
    /// <param name="limit">The most virtual time that it may take. The default value is 1 day.</param>
    /// <exception cref="TimeoutException">It has not ended by then, or within <see cref="MaxSteps"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// It waits for something that will never happen: nothing is ready and no timer is set. Or it left the scheduler for another thread.
    /// </exception>
    public void Run(Func<Task> code, TimeSpan? limit = null)
    {
        Task? task = null;
        Enter(() => task = code());
        RunUntil(task!, limit);
    }

    /// <summary>Runs everything until a task has ended; what it threw is thrown.</summary>
    /// <inheritdoc cref="Run(Func{Task}, TimeSpan?)"/>
    public void RunUntil(Task task, TimeSpan? limit = null)
    {
        var until = Time.Elapsed + (limit ?? TimeSpan.FromDays(1));
        Enter(() =>
        {
            while (true)
            {
                RunReady();
                if (task.IsCompleted)
                    return;
                if (!Time.TryAdvanceToNextTimer(until))
                    throw Stuck(until);
            }
        });
        task.GetAwaiter().GetResult();
    }

    /// <summary>Runs a step and everything that comes of it, for as long as it is to go on.</summary>
    /// <param name="first">The step.</param>
    /// <param name="goesOn">Whether to go on; asked whenever nothing is ready.</param>
    /// <param name="limit">The most virtual time that it may take.</param>
    /// <exception cref="TimeoutException">It would go on, and that time is over.</exception>
    /// <exception cref="InvalidOperationException">It would go on, and nothing is ready and no timer is set. Or it left the scheduler for another thread.</exception>
    internal void RunWhile(Action first, Func<bool> goesOn, TimeSpan limit)
    {
        var until = Time.Elapsed + limit;
        Enter(() =>
        {
            first();
            RunReady();
            while (goesOn())
            {
                if (!Time.TryAdvanceToNextTimer(until))
                    throw Stuck(until);
                RunReady();
            }
        });
    }

    /// <summary>Runs what is ready, and what gets ready by it; the clock stays.</summary>
    public void RunReady() => Enter(() =>
    {
        while (TryTake(out var step))
        {
            if (++Steps > MaxSteps)
                throw new TimeoutException($"It has not ended after {MaxSteps:N0} steps.");
            step.Callback(step.State);
        }
    });

    /// <summary>Runs everything that happens within a time.</summary>
    public void Advance(TimeSpan time)
    {
        var until = Time.Elapsed + time;
        Enter(() =>
        {
            do
                RunReady();
            while (Time.TryAdvanceToNextTimer(until));
            Time.Advance(until - Time.Elapsed);
            RunReady();
        });
    }

    private bool TryTake(out (SendOrPostCallback Callback, object? State) step)
    {
        lock (_gate)
        {
            if (_stray is { } stray)
                throw new InvalidOperationException($"Something left the scheduler and came back on another thread:{Environment.NewLine}{stray}");
            return _ready.TryTake(out step);
        }
    }

    private Exception Stuck(TimeSpan until) => Time.NextTimer is null
        ? new InvalidOperationException("Nothing is ready and no timer is set: what is waited for will never happen.")
        : new TimeoutException($"It has not ended by {until} of virtual time.");

    private void Enter(Action run)
    {
        if (_isRunning && ReferenceEquals(Current, this))
        {
            run();
            return;
        }

        if (_isRunning)
            throw new InvalidOperationException("Another thread runs this scheduler.");
        var outer = Current;
        (_isRunning, _thread) = (true, Environment.CurrentManagedThreadId);
        SetSynchronizationContext(this);
        try
        {
            run();
        }
        finally
        {
            SetSynchronizationContext(outer);
            _isRunning = false;
        }
    }
}
