namespace Savepoint.Testing;

/// <summary>Steps that are ready to run: taken in the order in which they came, or in one that a seed decides.</summary>
/// <param name="order">Decides; null for the order in which they came.</param>
internal sealed class ReadySteps(Random? order)
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _shuffled = [];
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();

    public void Add((SendOrPostCallback Callback, object? State) step)
    {
        if (order is null)
            _queue.Enqueue(step);
        else
            _shuffled.Add(step);
    }

    public bool TryTake(out (SendOrPostCallback Callback, object? State) step)
    {
        if (order is null)
            return _queue.TryDequeue(out step);
        step = default;
        if (_shuffled.Count == 0)
            return false;
        var chosen = _shuffled.Count == 1 ? 0 : order.Next(_shuffled.Count);
        step = _shuffled[chosen];
        _shuffled[chosen] = _shuffled[^1];
        _shuffled.RemoveAt(_shuffled.Count - 1);
        return true;
    }

    public void Clear()
    {
        _queue.Clear();
        _shuffled.Clear();
    }
}
