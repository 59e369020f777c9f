using System.Collections.Concurrent;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Passwords;

/// <summary>
/// Where passwords are hashed: a few threads with a queue of limited length, so that however many log in, the other cores are the game's.
/// </summary>
internal sealed class PasswordThreads : IDisposable
{
    private readonly BlockingCollection<Action> _queue;
    private readonly AccountMetrics _metrics;

    public PasswordThreads(AccountsOptions options, AccountMetrics metrics)
    {
        _queue = new BlockingCollection<Action>(options.PasswordQueue);
        _metrics = metrics;
        var count = options.PasswordThreads > 0 ? options.PasswordThreads : Math.Max(1, Environment.ProcessorCount / 2);
        for (var i = 0; i < count; i++)
            new Thread(Run) { IsBackground = true, Name = "password " + i }.Start();
    }

    /// <summary>How many wait.</summary>
    internal int Waiting => _queue.Count;

    /// <inheritdoc cref="RunAsync{T}(Func{T}, Action, CancellationToken)"/>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken) => RunAsync(work, onTurn: null, cancellationToken);

    /// <summary>Runs something on one of the threads.</summary>
    /// <param name="work">What to run.</param>
    /// <param name="onTurn">Called on the thread when the turn has come and the work will be run; null for nothing.</param>
    /// <param name="cancellationToken">Keeps it from being run when it is its turn: whoever has gone needs no answer.</param>
    /// <exception cref="Hosting.Problems.ProblemException">The queue is full (<see cref="AccountCodes.Busy"/>).</exception>
    public Task<T> RunAsync<T>(Func<T> work, Action? onTurn, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_queue.TryAdd(Work))
            return done.Task;
        _metrics.QueueFull();
        throw AccountProblems.Busy();

        void Work()
        {
            if (cancellationToken.IsCancellationRequested)
            {
                done.SetCanceled(cancellationToken);
                return;
            }

#pragma warning disable CA1031 // Whatever it is, it belongs to who waits for it.
            try
            {
                onTurn?.Invoke();
                done.SetResult(work());
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
#pragma warning restore CA1031
        }
    }

    public void Dispose() => _queue.CompleteAdding();

    private void Run()
    {
        foreach (var work in _queue.GetConsumingEnumerable())
            work();
    }
}
