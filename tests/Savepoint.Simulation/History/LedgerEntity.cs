using Savepoint.Documents;
using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>What the journal says of one entity.</summary>
public sealed class LedgerEntity(EntityKey key, int shard)
{
    private readonly List<long> _sequences = [];
    private readonly List<LedgerVersion> _versions = [];
    private readonly List<LedgerSession> _sessions = [];
    private readonly SortedSet<long> _waiting = [];
    private readonly List<LedgerMessage> _messages = [];
    private readonly List<(int Commit, int Waiting)> _waitingThen = [];

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
    public IReadOnlySet<long> WaitingMessages => _waiting;

    /// <summary>Every message, the first first.</summary>
    public IReadOnlyList<LedgerMessage> Messages => _messages;

    /// <summary>The number of its newest message.</summary>
    public long LastMessage => _messages.Count == 0 ? 0 : _messages[^1].Id;

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

    /// <summary>What its session was at some time since a commit: as of the commit, and after each change since.</summary>
    public IEnumerable<LedgerSession> SessionsSince(int commit)
    {
        var first = _sessions.FindLastIndex(session => session.Commit <= commit);
        return first < 0 ? _sessions.Prepend(default) : _sessions.Skip(first);
    }

    /// <summary>The most messages that waited at any time since a commit.</summary>
    public int MostWaitingSince(int commit)
    {
        var first = Math.Max(0, _waitingThen.FindLastIndex(then => then.Commit <= commit));
        return _waitingThen.Skip(first).Select(then => then.Waiting).DefaultIfEmpty().Max();
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

    internal void Add(LedgerMessage message)
    {
        _messages.Add(message);
        _waiting.Add(message.Id);
        _waitingThen.Add((message.Commit, _waiting.Count));
    }

    internal bool RemoveMessage(long id, int commit)
    {
        var isThere = _waiting.Remove(id);
        _waitingThen.Add((commit, _waiting.Count));
        return isThere;
    }

    internal void ClearMessages(int commit)
    {
        _waiting.Clear();
        _waitingThen.Add((commit, 0));
    }
}

/// <summary>A version of an entity.</summary>
/// <param name="Document">The canonical bytes; null when it was removed.</param>
/// <param name="Sequence">The sequence number of its record.</param>
/// <param name="Commit">The number of the commit that made it.</param>
/// <param name="At">When its record was made, by the node's clock.</param>
/// <param name="CommittedAt">When it was committed, by the true clock.</param>
public readonly record struct LedgerVersion(byte[]? Document, long Sequence, int Commit, DateTimeOffset At, DateTimeOffset CommittedAt)
{
    /// <summary>Who made it, as its record says.</summary>
    public string? Actor { get; init; }

    /// <summary>What made it, as its record says.</summary>
    public string? EventType { get; init; }

    /// <summary>The bytes of its delta.</summary>
    public int DeltaBytes { get; init; }
}

/// <summary>A session that began or ended.</summary>
/// <param name="Number">Its fencing number.</param>
/// <param name="IsActive">Whether it began.</param>
/// <param name="Writer">Whose it is.</param>
/// <param name="Request">The request that opened it.</param>
/// <param name="Commit">The number of the commit.</param>
public readonly record struct LedgerSession(long Number, bool IsActive, Guid Writer, long Request, int Commit);

/// <summary>A message to the holder of the session.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Body">The encoded document that was sent.</param>
/// <param name="Commit">The number of the commit.</param>
public sealed record LedgerMessage(long Id, byte[] Body, int Commit);
