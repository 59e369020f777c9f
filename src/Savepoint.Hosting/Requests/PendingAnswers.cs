using System.Threading.Tasks.Sources;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// The answers that are waited for, in the order of their deadlines. All wait equally long, so the first to be waited for is the first to be late, and one look at the
/// head of the list a second is enough: a timer for each cost 2 µs.
/// </summary>
/// <param name="within">How long each is waited for, to the second.</param>
/// <param name="time">The clock.</param>
internal sealed class PendingAnswers(TimeSpan within, TimeProvider time)
{
    // How late a late one may be found out.
    private readonly TimeSpan _pause = within < TimeSpan.FromSeconds(1) ? within : TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly LinkedList<PendingAnswer> _pending = [];
    private ITimer? _timer;

    public TimeSpan Within => within;

    public LinkedListNode<PendingAnswer> Add(PendingAnswer answer)
    {
        answer.Since = time.GetTimestamp();
        var node = new LinkedListNode<PendingAnswer>(answer);
        lock (_gate)
        {
            _pending.AddLast(node);
            _timer ??= time.CreateTimer(static self => ((PendingAnswers)self!).Sweep(), this, _pause, _pause);
        }

        return node;
    }

    /// <param name="node">The answer's place; null of one that is late before its place is known, as when the process stood still meanwhile. That one is off the list already.</param>
    public void Remove(LinkedListNode<PendingAnswer>? node)
    {
        lock (_gate)
        {
            if (node?.List is not null)
                _pending.Remove(node);
        }
    }

    private void Sweep()
    {
        while (TryTakeLate() is { } late)
            late.GiveUp(new TimeoutException());
    }

    private PendingAnswer? TryTakeLate()
    {
        lock (_gate)
        {
            if (_pending.First is not { } first)
            {
                _timer?.Dispose();
                _timer = null;
                return null;
            }

            if (time.GetElapsedTime(first.Value.Since) < within)
                return null;
            _pending.RemoveFirst();
            return first.Value;
        }
    }
}

/// <summary>An answer that is waited for until it is there, is late, or is not wanted any more: whichever comes first.</summary>
internal abstract class PendingAnswer
{
    /// <summary>The timestamp since which it is waited for.</summary>
    public long Since { get; set; }

    /// <summary>Ends the wait without an answer.</summary>
    public abstract void GiveUp(Exception reason);
}

/// <summary>An answer that can be awaited, once. What waits goes on in the thread pool, never inside <see cref="Set"/>.</summary>
/// <typeparam name="T">What the answer is.</typeparam>
internal sealed class PendingAnswer<T> : PendingAnswer, IValueTaskSource<T>
{
    private readonly PendingAnswers _all;
    private readonly LinkedListNode<PendingAnswer>? _node;
    private ManualResetValueTaskSourceCore<T> _answer = new() { RunContinuationsAsynchronously = true };
    private int _isOver;

    public PendingAnswer(PendingAnswers all)
    {
        _all = all;
        _node = all.Add(this);
    }

    /// <summary>Gives the answer. One that nobody waits for any more is dropped.</summary>
    public void Set(T answer)
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
            return;
        _all.Remove(_node);
        _answer.SetResult(answer);
    }

    public override void GiveUp(Exception reason)
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
            return;
        _all.Remove(_node);
        _answer.SetException(reason);
    }

    /// <summary>Waits.</summary>
    /// <exception cref="TimeoutException">It is late.</exception>
    /// <exception cref="OperationCanceledException">It is not wanted any more.</exception>
    public ValueTask<T> WaitAsync(CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? WaitUntilCanceledAsync(cancellationToken) : new ValueTask<T>(this, _answer.Version);

    private async ValueTask<T> WaitUntilCanceledAsync(CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(static (self, token) => ((PendingAnswer)self!).GiveUp(new OperationCanceledException(token)), this);
        return await new ValueTask<T>(this, _answer.Version);
    }

    T IValueTaskSource<T>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}
