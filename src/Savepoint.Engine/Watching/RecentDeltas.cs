namespace Savepoint.Engine.Watching;

/// <summary>The newest committed deltas of a watched entity, within a limit of bytes, so that a watcher that comes back needs no snapshot.</summary>
internal sealed class RecentDeltas(int maxBytes)
{
    private readonly Queue<RecentDelta> _deltas = new();
    private int _bytes;

    public void Add(in RecentDelta delta)
    {
        _deltas.Enqueue(delta);
        _bytes += delta.Delta.Length + RecentDelta.Overhead;
        while (_bytes > maxBytes)
            _bytes -= _deltas.Dequeue().Delta.Length + RecentDelta.Overhead;
    }

    /// <summary>The deltas after a version up to the newest, or null when they are not all here.</summary>
    public List<RecentDelta>? After(long version, long newest)
    {
        var found = new List<RecentDelta>();
        foreach (var delta in _deltas)
        {
            if (delta.Version > version)
                found.Add(delta);
        }

        return found.Count == newest - version ? found : null;
    }
}

/// <summary>One of them.</summary>
internal readonly record struct RecentDelta(long Version, byte[] Delta, bool Removed, Guid Writer, long Request, int Mutation, bool IsAsAsked, uint? Checksum, string? Reason)
{
    public const int Overhead = 72;
}
