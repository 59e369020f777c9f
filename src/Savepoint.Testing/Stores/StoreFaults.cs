using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Testing;

/// <summary>
/// Faults that a test orders one by one. Each order waits for the next call of its operation and is used up by it;
/// orders for the same operation are taken in the order they were given, and a stall before a call may be followed by a fault after it. Safe for concurrent use.
/// </summary>
public sealed class StoreFaults : IStoreFaults
{
    private readonly Lock _lock = new();
    private readonly List<Order> _orders = [];
    private readonly HashSet<EntityKey> _refused = [];

    /// <summary>Whether every write that needs space is refused as transient. Trimming and removing still work. The default value is false.</summary>
    public bool IsOutOfSpace { get; set; }

    /// <summary>Whether every call fails, as when the database's server is gone. The default value is false.</summary>
    public bool IsDown { get; set; }

    /// <summary>How many orders are still waiting for their call.</summary>
    public int Waiting
    {
        get { lock (_lock) return _orders.Count; }
    }

    /// <summary>Makes the next calls fail before they take effect.</summary>
    public void FailNext(StoreOperation operation, int times = 1, bool isTransient = true)
    {
        for (var i = 0; i < times; i++)
        {
            Add(new Order(operation)
            {
                Before = _ => throw new StoreException($"{operation} fails: a fault of the test.", WriteOutcome.NotApplied, isTransient),
            });
        }
    }

    /// <summary>Makes the next write take effect and its answer get lost.</summary>
    public void LoseAnswerOfNext(StoreOperation operation) =>
        Add(new Order(operation) { After = _ => throw Lost(operation) });

    /// <summary>Makes the next append lose its answer before it has taken effect; it may still <see cref="LateAppend.TryLandAsync"/>.</summary>
    /// <returns>The append, once it was called.</returns>
    public Task<LateAppend> LoseNextAppend()
    {
        var late = new TaskCompletionSource<LateAppend>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new Order(StoreOperation.Append)
        {
            Before = call =>
            {
                late.SetResult(call.Detach());
                throw Lost(StoreOperation.Append);
            },
        });
        return late.Task;
    }

    /// <summary>Makes the next call wait before it takes effect.</summary>
    public StoreStall StallNext(StoreOperation operation)
    {
        var stall = new StoreStall();
        Add(new Order(operation) { Before = stall.WaitAsync });
        return stall;
    }

    /// <summary>Makes the next write wait after it took effect, before its caller is told.</summary>
    public StoreStall StallAnswerOfNext(StoreOperation operation)
    {
        var stall = new StoreStall();
        Add(new Order(operation) { After = stall.WaitAsync });
        return stall;
    }

    /// <summary>Makes every checkpoint that holds an entity fail and name it, until <see cref="Accept"/>.</summary>
    public void Refuse(EntityKey key)
    {
        lock (_lock) _refused.Add(key);
    }

    /// <summary>Ends <see cref="Refuse"/>.</summary>
    public void Accept(EntityKey key)
    {
        lock (_lock) _refused.Remove(key);
    }

    ValueTask IStoreFaults.BeforeAsync(StoreCall call, CancellationToken cancellationToken)
    {
        var order = Take(call.Operation, before: true);
        if (IsDown)
            throw new StoreException("The database can't be reached.", WriteOutcome.NotApplied, isTransient: true);
        if (IsOutOfSpace && call.IsWrite && call.Operation is not (StoreOperation.TrimJournal or StoreOperation.TrimSnapshots))
            throw new StoreException("The store is full.", WriteOutcome.NotApplied, isTransient: true);
        if (call.Checkpoint is { } batch) ThrowIfRefused(batch);
        return order?.Before!(call) ?? default;
    }

    ValueTask IStoreFaults.AfterCommitAsync(StoreCall call) => Take(call.Operation, before: false)?.After!(call) ?? default;

    private static StoreException Lost(StoreOperation operation) =>
        new($"The answer of {operation} was lost.", WriteOutcome.Unknown, isTransient: true);

    private void Add(Order order)
    {
        lock (_lock) _orders.Add(order);
    }

    private Order? Take(StoreOperation operation, bool before)
    {
        lock (_lock)
        {
            var index = _orders.FindIndex(order => order.Operation == operation);
            if (index < 0 || (before ? _orders[index].Before : _orders[index].After) is null) return null;
            var order = _orders[index];
            _orders.RemoveAt(index);
            return order;
        }
    }

    private void ThrowIfRefused(CheckpointBatch batch)
    {
        lock (_lock)
        {
            foreach (var entity in batch.Entities)
            {
                if (_refused.Contains(entity.Key))
                    throw new StoreException($"The store refuses {entity.Key}.", WriteOutcome.NotApplied, isTransient: false) { Key = entity.Key };
            }
        }
    }

    private sealed record Order(StoreOperation Operation)
    {
        public Func<StoreCall, ValueTask>? Before { get; init; }

        public Func<StoreCall, ValueTask>? After { get; init; }
    }
}

/// <summary>A call that waits until a test lets it go.</summary>
public sealed class StoreStall
{
    // The test that waits for the call must not go on inside it: the call could not go on then.
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Without RunContinuationsAsynchronously: what waits goes on inside Release, on the thread and scheduler of the test.
    private readonly TaskCompletionSource _released = new();

    /// <summary>Completes when the call has arrived and waits.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets the call go on.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>Lets the call fail.</summary>
    public void Fail(Exception exception) => _released.TrySetException(exception);

    internal async ValueTask WaitAsync(StoreCall call)
    {
        _reached.TrySetResult();
        await _released.Task;
    }
}
