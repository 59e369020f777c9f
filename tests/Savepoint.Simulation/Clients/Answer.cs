namespace Savepoint.Simulation;

/// <summary>An answer that may come, once, or be given up.</summary>
internal sealed class Answer<T>
    where T : class
{
    private readonly TaskCompletionSource<T?> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer; null when it was given up.</summary>
    public Task<T?> Task => _source.Task;

    public void Give(T answer) => _source.TrySetResult(answer);

    public void GiveUp() => _source.TrySetResult(null);
}
