using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Cluster.Members;

/// <summary>A shard that this node serves, or is taking, under one term.</summary>
[SuppressMessage("Design", "CA1001", Justification = "It is disposed of by End, when the holding is over.")]
internal sealed class Holding
{
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource<bool> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Holding(long term) => (Term, Ended) = (term, _ending.Token);

    public long Term { get; }

    /// <summary>Cancelled when it is over, so that a shard that is being taken is not taken.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Ends when it is served, or will not be.</summary>
    public Task<bool> Taken => _taken.Task;

    public bool IsTaking => !_taken.Task.IsCompleted;

    public void EndTaking(bool isServed) => _taken.TrySetResult(isServed);

    /// <summary>Called once, by who removed it.</summary>
    public void End()
    {
        _ending.Cancel();
        _ending.Dispose();
    }
}
