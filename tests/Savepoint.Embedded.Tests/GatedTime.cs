namespace Savepoint.Embedded.Tests;

/// <summary>A clock that makes who asks it wait until it is opened.</summary>
internal sealed class GatedTime : TimeProvider, IDisposable
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _gate = new();

    /// <summary>Somebody has asked.</summary>
    public Task Asked => _asked.Task;

    public void Open() => _gate.Set();

    public override long GetTimestamp()
    {
        _asked.TrySetResult();
        _gate.Wait();
        return base.GetTimestamp();
    }

    public override DateTimeOffset GetUtcNow()
    {
        _asked.TrySetResult();
        _gate.Wait();
        return base.GetUtcNow();
    }

    public void Dispose() => _gate.Dispose();
}
