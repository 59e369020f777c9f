namespace Savepoint.Client;

/// <summary>The results of a batch's parts, whichever requests they are sent in; its caller goes on when all have theirs. Thread-safe.</summary>
internal sealed class BatchOutcome(SynchronizationContext? context, int parts)
{
    private readonly object _gate = new();
    private readonly Completion<IReadOnlyList<BatchPartResult>> _completion = new(context);
    private readonly BatchPartResult?[] _results = new BatchPartResult?[parts];
    private int _open = parts;

    public Task<IReadOnlyList<BatchPartResult>> Task => _completion.Task;

    public bool IsSettled(int part)
    {
        lock (_gate)
            return _results[part] is not null;
    }

    /// <summary>Takes a part's result; the first one stays.</summary>
    public void Settle(int part, BatchPartResult result)
    {
        lock (_gate)
        {
            if (_results[part] is not null)
                return;
            _results[part] = result;
            if (--_open > 0)
                return;
        }
        _completion.SetResult(_results!);
    }

    public void Cancel(CancellationToken cancellationToken) => _completion.SetCanceled(cancellationToken);
}
