using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>I6: watchers and the relay see an entity's changes in version order, none skipped; in the end watchers have got everything.</summary>
internal sealed class OrderChecker : Checker
{
    private readonly Dictionary<long, Watch> _watches = [];
    private readonly HashSet<Watch> _open = [];
    private readonly HashSet<long> _ended = [];
    private readonly Dictionary<(string Node, EntityKey Key, long Session), long> _holders = [];
    private readonly Dictionary<EntityKey, long> _published = [];

    public override void OnWatchStarted(string node, long watch, in EntitySnapshot snapshot, long fromVersion)
    {
        var started = new Watch(node, watch, snapshot.Key) { Version = snapshot.Version };
        Require(!snapshot.IsResumed || snapshot.Version == fromVersion, "I6", $"{started} goes on from {snapshot.Version}, where it has {fromVersion}");
        Require(_watches.TryAdd(watch, started), "I6", $"{started} was started twice");

        // What was on its way when it was ended still arrives.
        if (!_ended.Contains(watch))
            _open.Add(started);
    }

    /// <summary>Whoever held the session there over another connection is let go of without a word.</summary>
    public override void OnOpened(string node, long watch, Opening opening, in SessionOpening outcome)
    {
        if (outcome.Session == 0)
            return;
        if (_holders.TryGetValue((node, opening.Key, outcome.Session), out var before))
            OnWatchEnded(before);
        _holders[(node, opening.Key, outcome.Session)] = watch;
    }

    public override void OnPushed(long watch, in EntityChange change, Document? document)
    {
        if (!_watches.TryGetValue(watch, out var pushed))
        {
            Fail("I6", $"watch {watch} of {change.Key} got version {change.Version} before its start");
            return;
        }

        if (change.Version == 0)
            return;
        Require(change.Version == pushed.Version + 1, "I6", $"{pushed} got version {change.Version} after {pushed.Version}");
        pushed.Version = change.Version;
    }

    public override void OnWatchEnded(long watch)
    {
        if (_watches.TryGetValue(watch, out var ended))
            _open.Remove(ended);
        else
            _ended.Add(watch);
    }

    public override void OnDied(string process) => _open.RemoveWhere(watch => watch.Node == process);

    /// <summary>A watch that is started, was not lost, and has not got what is committed: all right for a while, and not for long.</summary>
    public string? FindBehind()
    {
        var behind = _open.Where(watch => watch.Version < (Ledger.Find(watch.Key)?.Version ?? 0)).MinBy(watch => watch.Number);
        return behind is null ? null : $"{behind} has got {behind.Version}, and {Ledger.Find(behind.Key)!.Version} is committed";
    }

    /// <summary>At least once: whoever drops what is not newer than what came before sees every version.</summary>
    public override void OnPublished(int shard, IReadOnlyList<PublishedChange> changes)
    {
        foreach (var change in changes)
        {
            var before = _published.GetValueOrDefault(change.Key);
            Require(change.Version <= before + 1, "I6", $"version {change.Version} of {change.Key} was published after {before}");
            var isCommitted = Ledger.Find(change.Key)?.Version >= change.Version;
            Require(isCommitted, "I2", $"version {change.Version} of {change.Key} was published before it was committed");
            _published[change.Key] = Math.Max(before, change.Version);
        }
    }

    public override void OnEnd()
    {
        foreach (var entity in Ledger.Entities)
            Require(_published.GetValueOrDefault(entity.Key) == entity.Version, "I6", $"{entity.Key} is at {entity.Version}, and was published up to {_published.GetValueOrDefault(entity.Key)}");
    }

    private sealed class Watch(string node, long number, EntityKey key)
    {
        public string Node => node;

        public long Number => number;

        public EntityKey Key => key;

        public long Version { get; set; }

        public override string ToString() => $"watch {number} of {key} at {node}";
    }
}
