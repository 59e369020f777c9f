namespace Savepoint.Simulation;

/// <summary>How much each node was asked that it has not answered. What nobody asks again for would wait for ever.</summary>
internal sealed class Backlog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _unanswered = [];

    public void Arrived(string node)
    {
        lock (_gate)
            _unanswered[node] = _unanswered.GetValueOrDefault(node) + 1;
    }

    public void Answered(string node)
    {
        lock (_gate)
            _unanswered[node]--;
    }

    public int At(string node)
    {
        lock (_gate)
            return _unanswered.GetValueOrDefault(node);
    }
}
