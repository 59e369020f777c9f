namespace Savepoint.Cluster.Peers;

/// <summary>Who answers calls of other nodes. Calls may come from several threads at once.</summary>
public sealed class PeerAnswers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerCall, PeerAnswer> _answers = [];

    /// <summary>Lets calls of a kind be answered. Its failures are told the caller as an <see cref="IOException"/>.</summary>
    /// <exception cref="InvalidOperationException">Calls of this kind have their answer already.</exception>
    public void Add(PeerCall kind, PeerAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        lock (_gate)
        {
            if (!_answers.TryAdd(kind, answer))
                throw new InvalidOperationException($"Calls of the kind {kind} are answered already.");
        }
    }

    /// <summary>Who answers calls of a kind; null when nobody does.</summary>
    internal PeerAnswer? Find(PeerCall kind)
    {
        lock (_gate)
            return _answers.GetValueOrDefault(kind);
    }
}
