using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>A change that a game server has made and given a name, which the journal has as its reason.</summary>
internal sealed class GameChange(string name, GameChangeKind kind, long session, (EntityKey Key, long Amount)[] parts)
{
    private readonly List<EntityKey> _committed = [];

    public string Name => name;

    public GameChangeKind Kind => kind;

    /// <summary>The session that it was made in; 0 for none.</summary>
    public long Session => session;

    /// <summary>What it adds, and to whom.</summary>
    public IReadOnlyList<(EntityKey Key, long Amount)> Parts => parts;

    /// <summary>What its maker was told.</summary>
    public GameChangeState State { get; set; }

    /// <summary>Whether it showed for a while and was then taken back.</summary>
    public bool WasTakenBack { get; set; }

    /// <summary>Whether its parts lie in different databases, so that each is in a commit of its own.</summary>
    public bool IsSpread { get; init; }

    /// <summary>The commit that holds it, or its last part; 0 for none.</summary>
    public int Commit { get; private set; }

    public bool IsCommitted => _committed.Count > 0;

    public bool IsWhole => _committed.Count == parts.Length;

    /// <summary>Whose parts are not in the journal.</summary>
    public IEnumerable<EntityKey> Missing => parts.Select(part => part.Key).Except(_committed);

    /// <summary>One part of it was found in the journal.</summary>
    /// <returns>False when it should not be there: it was there before, or parts in one database are in different commits.</returns>
    public bool TryCommit(EntityKey key, int commit)
    {
        var isPart = Array.Exists(parts, part => part.Key == key);
        if (!isPart || _committed.Contains(key) || (Commit != 0 && Commit != commit && !IsSpread))
            return false;
        Commit = commit;
        _committed.Add(key);
        return true;
    }

    public override string ToString() => $"{name} ({string.Join(", ", parts.Select(part => $"{part.Amount} to {part.Key}"))} in session {session})";
}

internal enum GameChangeKind
{
    /// <summary>Gold, in a session.</summary>
    Deed,

    /// <summary>Gold from one to another, in one transaction.</summary>
    Transfer,

    /// <summary>A message.</summary>
    Gift,

    /// <summary>Gold, as a part of a batch.</summary>
    Wage,
}

internal enum GameChangeState
{
    /// <summary>It was made, and nothing is promised.</summary>
    Made,

    /// <summary>Its maker was told that it is durable.</summary>
    Acknowledged,

    /// <summary>Its maker was told that it had no effect.</summary>
    Refused,

    /// <summary>Its maker was told that nobody knows.</summary>
    Unknown,
}
