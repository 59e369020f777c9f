using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>I6: watchers and the relay see an entity's changes in version order, none skipped.</summary>
internal sealed class OrderChecker : Checker
{
    private readonly Dictionary<long, long> _watches = [];
    private readonly Dictionary<EntityKey, long> _published = [];

    public override void OnWatchStarted(long watch, EntityKey key, long version) => _watches[watch] = version;

    public override void OnPushed(long watch, in EntityChange change, Document? document)
    {
        if (change.Version == 0)
            return;
        var before = _watches.GetValueOrDefault(watch, -1);
        Require(change.Version == before + 1, "I6", $"watch {watch} of {change.Key} got version {change.Version} after {before}");
        _watches[watch] = change.Version;
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
}
