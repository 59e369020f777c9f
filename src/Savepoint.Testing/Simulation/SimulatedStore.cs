using Savepoint.Engine.Storage;

namespace Savepoint.Testing;

/// <summary>A process's connection to a <see cref="SimulatedDatabase"/>.</summary>
internal sealed class SimulatedStore(SimulatedDatabase database, SimulatedProcess process, IStore inner) : StoreDecorator(inner)
{
    // No async method: each would throw the failure of a call once more, and a seed has hundreds of these, at 10 µs a throw.
    protected override ValueTask<T> RunAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> run, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        var request = new Request<T>(database, Inner, process, call, () => run(CancellationToken.None));

        // What is left of a dead process's last step reaches nobody.
        if (process.IsAlive)
            request.Send();
        return new ValueTask<T>(request.Answer);
    }

    private sealed class Request<T>(SimulatedDatabase database, IStore inner, SimulatedProcess process, StoreCall call, Func<ValueTask<T>> run)
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private StoreFate _fate;

        public Task<T> Answer => _answer.Task;

        public void Send()
        {
            _fate = database.Decide(call);
            switch (_fate.Fault)
            {
                case null:
                    database.After(_fate.ThereIn, ExecuteAndAnswer);
                    break;
                case StoreFault.Stalled:
                    database.After(_fate.Stall, ExecuteAndAnswer);
                    break;
                case StoreFault.AnswerLost or StoreFault.Late when call.Operation == StoreOperation.Open:
                    // A store that has not heard that it is open is not.
                    FailIn(_fate.ThereIn, Failure(WriteOutcome.NotApplied, "the connection died"));
                    break;
                case StoreFault.AnswerLost:
                    database.After(_fate.ThereIn, () =>
                    {
                        ExecuteUnnoticed(call, run);
                        FailIn(_fate.BackIn, Failure(WriteOutcome.Unknown, "the connection died"));
                    });
                    break;
                case StoreFault.Late:
                    var late = Keep();
                    FailIn(_fate.ThereIn, Failure(WriteOutcome.Unknown, "the connection died"));
                    database.After(_fate.ThereIn + _fate.Stall, late);
                    break;
                case StoreFault.RequestLost:
                    FailIn(_fate.ThereIn, Failure(WriteOutcome.Unknown, "the connection died"));
                    break;
                case StoreFault.Down when _fate.IsUncertain:
                    FailIn(_fate.ThereIn, Failure(WriteOutcome.Unknown, "the database went down"));
                    break;
                case StoreFault.EntityRefused:
                    FailIn(_fate.ThereIn, new StoreException("the database refuses an entity", WriteOutcome.NotApplied, isTransient: false) { Key = database.FindRefused(call.Checkpoint!) });
                    break;
                default:
                    FailIn(_fate.ThereIn, Failure(WriteOutcome.NotApplied, $"the database is {_fate.Fault}"));
                    break;
            }
        }

        // A read can't have taken effect, whatever was lost.
        private StoreException Failure(WriteOutcome outcome, string what) =>
            new($"{call.Operation}: {what}.", call.IsWrite ? outcome : WriteOutcome.NotApplied, isTransient: true);

        private void FailIn(TimeSpan delay, Exception failure) => database.After(delay, () => _answer.TrySetException(failure));

        private void ExecuteAndAnswer()
        {
            try
            {
                var result = Execute(call, run);
                database.After(_fate.BackIn, () => _answer.TrySetResult(result));
            }
#pragma warning disable CA1031 // The exception is not swallowed: it goes back to the caller, later.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                FailIn(_fate.BackIn, failure);
            }
        }

        /// <summary>The call as it was sent: its caller, told that it has failed, may use its buffers again.</summary>
        private Action Keep()
        {
            if (call.Segments.Count > 0)
            {
                List<JournalSegment> segments = [.. call.Segments.Select(segment => segment with { Payload = segment.Payload.ToArray() })];
                return () => ExecuteUnnoticed(call with { Segments = segments }, async () =>
                {
                    await inner.AppendAsync(segments, CancellationToken.None);
                    return default!;
                });
            }

            if (call.Checkpoint is { } batch)
            {
                var kept = new CheckpointBatch([.. batch.Entities], [.. batch.Snapshots], [.. batch.Shards]);
                return () => ExecuteUnnoticed(call with { Checkpoint = kept }, async () =>
                {
                    await inner.WriteCheckpointAsync(kept, CancellationToken.None);
                    return default!;
                });
            }

            return () => ExecuteUnnoticed(call, run);
        }

        private T Execute(StoreCall executed, Func<ValueTask<T>> execution)
        {
            if (!executed.IsWrite)
                return Result(execution());
            lock (database.WriteGate)
            {
                var result = Result(execution());
                database.Written?.Invoke(process, executed);
                return result;
            }
        }

        private static T Result(ValueTask<T> task) =>
            task.IsCompleted ? task.GetAwaiter().GetResult() : throw new InvalidOperationException("What a simulated database holds has to be in memory.");

        private void ExecuteUnnoticed(StoreCall executed, Func<ValueTask<T>> execution)
        {
            try
            {
                Execute(executed, execution);
            }
#pragma warning disable CA1031 // Nobody waits for its answer any more: a conflict, mostly.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
        }
    }
}
