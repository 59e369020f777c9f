using Savepoint.Documents;
using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>What the journal says of one entity.</summary>
public sealed class LedgerEntity(EntityKey key, int shard)
{
    private readonly List<long> _sequences = [];
    private readonly List<LedgerVersion> _versions = [];
    private readonly List<LedgerSession> _sessions = [];
    private readonly SortedDictionary<long, int> _messages = [];

    /// <summary>The entity.</summary>
    public EntityKey Key => key;

    /// <summary>Its shard.</summary>
    public int Shard => shard;

    /// <summary>Its newest version; 0 before the first.</summary>
    public long Version => _versions.Count;

    /// <summary>The sequence number of its newest record.</summary>
    public long Sequence => _sequences.Count == 0 ? 0 : _sequences[^1];

    /// <summary>Its document; null when it does not exist.</summary>
    public Document? Document { get; internal set; }

    /// <summary>Every version, the first first.</summary>
    public IReadOnlyList<LedgerVersion> Versions => _versions;

    /// <summary>Every beginning and end of a session, in order.</summary>
    public IReadOnlyList<LedgerSession> Sessions => _sessions;

    /// <summary>The present or last session.</summary>
    public LedgerSession Session => _sessions.Count == 0 ? default : _sessions[^1];

    /// <summary>The numbers of the messages that nobody has processed yet.</summary>
    public IReadOnlyCollection<long> Messages => _messages.Keys;

    /// <summary>The number of its newest message.</summary>
    public long LastMessage { get; private set; }

    /// <summary>The version as of a commit.</summary>
    /// <param name="commit">The number of the commit.</param>
    public long VersionAfter(int commit)
    {
        var (low, high) = (0, _versions.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_versions[middle].Commit <= commit)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>The sequence number of its first record after another; null when there is none.</summary>
    public long? NextSequence(long after)
    {
        var index = _sequences.BinarySearch(after + 1);
        index = index < 0 ? ~index : index;
        return index < _sequences.Count ? _sequences[index] : null;
    }

    internal void AddRecord(long sequence) => _sequences.Add(sequence);

    internal void Add(in LedgerVersion version) => _versions.Add(version);

    internal void Add(in LedgerSession session) => _sessions.Add(session);

    internal void AddMessage(long id, int commit)
    {
        _messages.Add(id, commit);
        LastMessage = id;
    }

    internal bool RemoveMessage(long id) => _messages.Remove(id);

    internal void ClearMessages() => _messages.Clear();
}

/// <summary>A version of an entity.</summary>
/// <param name="Document">The canonical bytes; null when it was removed.</param>
/// <param name="Sequence">The sequence number of its record.</param>
/// <param name="Commit">The number of the commit that made it.</param>
/// <param name="At">When its record was made, by the node's clock.</param>
/// <param name="CommittedAt">When it was committed, by the true clock.</param>
public readonly record struct LedgerVersion(byte[]? Document, long Sequence, int Commit, DateTimeOffset At, DateTimeOffset CommittedAt);

/// <summary>A session that began or ended.</summary>
/// <param name="Number">Its fencing number.</param>
/// <param name="IsActive">Whether it began.</param>
/// <param name="Writer">Whose it is.</param>
/// <param name="Request">The request that opened it.</param>
/// <param name="Commit">The number of the commit.</param>
public readonly record struct LedgerSession(long Number, bool IsActive, Guid Writer, long Request, int Commit);
