namespace Savepoint.Client;

/// <summary>
/// A task that the client completes, never inside the completing call. On a synchronization context the completion is posted to it, so that even what
/// does not await the task itself (<c>Task.WhenAll</c> is one) goes on there; else its continuations go to the thread pool.
/// </summary>
internal sealed class Completion<T>(SynchronizationContext? context)
{
    private readonly TaskCompletionSource<T> _source =
        new(context is null ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None);

    public Task<T> Task => _source.Task;

    public void SetResult(T result)
    {
        if (context is null)
            _source.TrySetResult(result);
        else
            context.Post(_ => _source.TrySetResult(result), null);
    }

    public void SetException(Exception exception)
    {
        if (context is null)
            _source.TrySetException(exception);
        else
            context.Post(_ => _source.TrySetException(exception), null);
    }

    public void SetCanceled(CancellationToken cancellationToken)
    {
        if (context is null)
            _source.TrySetCanceled(cancellationToken);
        else
            context.Post(_ => _source.TrySetCanceled(cancellationToken), null);
    }
}
