using System.Threading.Tasks.Sources;

namespace Savepoint.Hosting.Calls;

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
