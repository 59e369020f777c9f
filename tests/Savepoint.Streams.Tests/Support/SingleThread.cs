namespace Savepoint.Streams.Tests;

/// <summary>Runs everything that awaits in it on one thread, as a simulator does.</summary>
public sealed class SingleThread : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;

    /// <summary>How many callbacks came from another thread: something has left the scheduler.</summary>
    public int Strays { get; private set; }

    public static SingleThread Run(Func<SingleThread, Task> main)
    {
        var context = new SingleThread();
        var before = Current;
        SetSynchronizationContext(context);
        try
        {
            var task = main(context);
            while (!task.IsCompleted)
            {
                if (!context._queue.TryDequeue(out var next))
                    throw new InvalidOperationException("Everything waits, and nothing is left to run: something waits outside of the scheduler.");
                next.Callback(next.State);
            }

            task.GetAwaiter().GetResult();
            return context;
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            Strays++;
        _queue.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);
}
