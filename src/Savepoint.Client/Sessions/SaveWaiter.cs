namespace Savepoint.Client;

/// <summary>Waits until the changes made before a moment are durable.</summary>
internal sealed class SaveWaiter(SynchronizationContext? context, long through, long deadline)
{
    private readonly Completion<long> _completion = new(context);

    /// <summary>The newest segment that it waits for.</summary>
    public long Through { get; } = through;

    public long Deadline { get; } = deadline;

    public Task<long> Task => _completion.Task;

    public void Complete(long version) => _completion.SetResult(version);

    public void Fail(SavepointException exception) => _completion.SetException(exception);

    public void CancelWith(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
            return;
        var registration = cancellationToken.Register(() => _completion.SetCanceled(cancellationToken));
        _ = _completion.Task.ContinueWith(
            static (_, state) => ((CancellationTokenRegistration)state!).Dispose(),
            registration,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
