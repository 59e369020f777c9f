namespace Savepoint.Client;

/// <summary>
/// Starts the client's loops where they are to stay: on the synchronization context of the options, or free of any. Every await in them captures
/// the context they started on, which is how a game's main thread or a simulator gets to run all of the client.
/// </summary>
internal static class ClientLoop
{
    public static Task Start(SynchronizationContext? context, Func<Task> loop)
    {
        var callers = SynchronizationContext.Current;
        if (context is not null && context != callers)
            return StartOn(context, loop);
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            return loop();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(callers);
        }
    }

    private static Task<bool> StartOn(SynchronizationContext context, Func<Task> loop)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Post(_ => _ = RunAsync(), null);
        return done.Task;

        async Task RunAsync()
        {
            try
            {
                await loop();
                done.TrySetResult(true);
            }
            catch (Exception exception)
            {
                done.TrySetException(exception);
            }
        }
    }
}
