using Savepoint.Cluster;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;

namespace Savepoint.Testing;

/// <summary>A process's connection to <see cref="SimulatedLeases"/>.</summary>
internal sealed class SimulatedLeaseStore(SimulatedLeases leases, SimulatedProcess process, MemoryLeaseStore inner) : ILeaseStore
{
    public ValueTask<ReadOnlyMemory<byte>> ReadOrCreateKeyAsync(ReadOnlyMemory<byte> candidate, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ReadOrCreateKeyAsync(candidate, CancellationToken.None), cancellationToken);

    public async ValueTask JoinAsync(ClusterNode node, bool canOwn, TimeSpan duration, CancellationToken cancellationToken) =>
        await RunAsync(() => Nothing(inner.JoinAsync(node, canOwn, duration, CancellationToken.None)), cancellationToken);

    public ValueTask<ClusterView?> RenewAsync(LeaseRenewal renewal, CancellationToken cancellationToken) =>
        RunAsync(() => inner.RenewAsync(renewal, CancellationToken.None), cancellationToken);

    public ValueTask<bool> HandOverAsync(int shard, Guid from, long term, Guid to, TimeSpan duration, CancellationToken cancellationToken) =>
        RunAsync(() => inner.HandOverAsync(shard, from, term, to, duration, CancellationToken.None), cancellationToken);

    public async ValueTask ReleaseAsync(int shard, Guid from, long term, CancellationToken cancellationToken) =>
        await RunAsync(() => Nothing(inner.ReleaseAsync(shard, from, term, CancellationToken.None)), cancellationToken);

    public async ValueTask LeaveAsync(Guid node, CancellationToken cancellationToken) =>
        await RunAsync(() => Nothing(inner.LeaveAsync(node, CancellationToken.None)), cancellationToken);

    public ValueTask<bool> RequireFeatureLevelAsync(int level, CancellationToken cancellationToken) =>
        RunAsync(() => inner.RequireFeatureLevelAsync(level, CancellationToken.None), cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static async ValueTask<bool> Nothing(ValueTask call)
    {
        await call;
        return true;
    }

    private async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new Request<T>(leases, process, inner, run);

        // What is left of a dead process's last step reaches nobody.
        if (process.IsAlive)
            request.Send();
        using var givingUp = cancellationToken.Register(() => request.GiveUp(cancellationToken));
        return await request.Answer;
    }

    private sealed class Request<T>(SimulatedLeases leases, SimulatedProcess process, MemoryLeaseStore inner, Func<ValueTask<T>> run)
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Answer => _answer.Task;

        public void GiveUp(CancellationToken cancellationToken) => _answer.TrySetCanceled(cancellationToken);

        public void Send()
        {
            var fate = leases.Decide(process);
            switch (fate.Fault)
            {
                case null:
                    leases.After(fate.ThereIn, () => ExecuteAndAnswer(fate.BackIn));
                    break;
                case StoreFault.Stalled:
                    leases.After(fate.Stall, () => ExecuteAndAnswer(fate.BackIn));
                    break;
                case StoreFault.AnswerLost:
                    leases.After(fate.ThereIn, () =>
                    {
                        Execute();
                        Break(fate.BackIn);
                    });
                    break;
                case StoreFault.Late:
                    Break(fate.ThereIn);
                    leases.After(fate.ThereIn + fate.Stall, () => Execute());
                    break;
                case StoreFault.RequestLost:
                    Break(fate.ThereIn);
                    break;
                case StoreFault.Down when fate.IsUncertain:
                    Break(fate.ThereIn);
                    break;
                default:
                    FailIn(fate.ThereIn, new StoreException($"The database is {fate.Fault}.", WriteOutcome.NotApplied, isTransient: true));
                    break;
            }
        }

        /// <summary>The connection dies, and with it what it holds.</summary>
        private void Break(TimeSpan delay) => leases.After(delay, () =>
        {
            inner.Break();
            _answer.TrySetException(new StoreException("The connection died.", WriteOutcome.Unknown, isTransient: true));
        });

        private void ExecuteAndAnswer(TimeSpan backIn)
        {
            var done = Execute();
            if (done.Failure is { } failure)
                FailIn(backIn, failure);
            else
                leases.After(backIn, () => _answer.TrySetResult(done.Result!));
        }

        private void FailIn(TimeSpan delay, Exception failure) => leases.After(delay, () => _answer.TrySetException(failure));

        private (T? Result, Exception? Failure) Execute()
        {
            try
            {
                var call = run();
                return call.IsCompleted ? (call.GetAwaiter().GetResult(), null) : throw new InvalidOperationException("What a simulated database holds has to be in memory.");
            }
#pragma warning disable CA1031 // The exception is not swallowed: it goes back to the caller, later.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                return (default, failure);
            }
        }
    }
}
