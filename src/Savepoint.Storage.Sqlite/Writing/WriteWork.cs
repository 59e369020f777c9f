using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Storage.Sqlite.Writing;

/// <summary>A write that waits for the writer, and then for its transaction.</summary>
internal abstract class WriteWork
{
    private const int Queued = 0;
    private const int Taken = 1;
    private const int Cancelled = 2;

    private int _state;

    /// <summary>Takes the work out of the queue for good; false when it was cancelled first.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Queued) == Queued;

    /// <summary>Runs inside a transaction, on the writer's thread.</summary>
    public abstract void Apply(Connection connection);

    /// <summary>Answers the caller with what <see cref="Apply"/> found.</summary>
    public abstract void Succeed();

    /// <summary>Answers the caller with an exception.</summary>
    public abstract void Fail(Exception exception);

    protected bool TryCancel() => Interlocked.CompareExchange(ref _state, Cancelled, Queued) == Queued;
}

/// <summary>A write with a result.</summary>
internal sealed class WriteWork<T> : WriteWork
{
    private readonly Func<Connection, T> _body;

    // The callers go on elsewhere: on the writer's thread they would hold up the next commit.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _registration;
    private T? _result;

    public WriteWork(Func<Connection, T> body, CancellationToken cancellationToken)
    {
        _body = body;
        _registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var work = (WriteWork<T>)state!;
                if (work.TryCancel()) work._completion.TrySetCanceled(token);
            },
            this);
    }

    public Task<T> Completion => _completion.Task;

    public override void Apply(Connection connection) => _result = _body(connection);

    public override void Succeed()
    {
        _registration.Unregister();
        _completion.TrySetResult(_result!);
    }

    public override void Fail(Exception exception)
    {
        _registration.Unregister();
        _completion.TrySetException(exception);
    }
}
