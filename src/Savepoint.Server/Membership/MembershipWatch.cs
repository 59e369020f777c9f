using Savepoint.Cluster;
using Savepoint.Engine.Ownership;

namespace Savepoint.Server.Membership;

/// <summary>Writes what the node does in its cluster to the log and the metrics, and knows how long the lease lasts.</summary>
internal sealed class MembershipWatch(MembershipMetrics metrics, TimeProvider time, ILogger<MembershipWatch> logger) : IMemberObserver
{
    private readonly Lock _gate = new();
    private string _members = "";
    private bool _fails;
    private long? _renewedAt;

    /// <summary>The time since the last renewal was sent; null before the first.</summary>
    public TimeSpan? SinceRenewal
    {
        get
        {
            lock (_gate)
                return _renewedAt is { } at ? time.GetElapsedTime(at) : null;
        }
    }

    public void RenewalFailed(Exception failure)
    {
        metrics.RenewalFailed();
        lock (_gate)
        {
            if (_fails)
                return;
            _fails = true;
        }

        MembershipLog.RenewalFails(logger, failure is OperationCanceledException ? "the database does not answer in time" : failure.Message);
    }

    public void Renewed(ClusterView view, TimeSpan took)
    {
        metrics.Renewed(took);
        var members = string.Join(", ", view.Nodes.Select(state => $"{state.Node.Name} ({state.Node.Address.Authority}{(state.CanOwn ? "" : ", owns nothing")})"));
        bool worksAgain, hasChanged;
        lock (_gate)
        {
            _renewedAt = time.GetTimestamp() - (long)(took.TotalSeconds * time.TimestampFrequency);
            (worksAgain, _fails) = (_fails, false);
            hasChanged = members != _members;
            _members = members;
        }

        if (worksAgain)
            MembershipLog.RenewalWorks(logger);
        if (hasChanged)
            MembershipLog.Members(logger, members);
    }

    public void Displaced() => MembershipLog.Displaced(logger);

    public void Dropped(IReadOnlyList<int> shards)
    {
        metrics.Dropped(shards.Count);
        MembershipLog.Dropped(logger, shards.Count);
    }

    public void Taken(TakenShard shard, long term)
    {
        metrics.Taken(shard.Outcome);
        if (shard.Outcome == TakeOutcome.Served)
            MembershipLog.Taken(logger, shard.Shard, term);
        else
            MembershipLog.NotTaken(logger, shard.Shard, shard.Outcome, shard.Reason);
    }

    public void HandedOver(int shard, ClusterNode to, ReleasedShard? released, TimeSpan pause, bool isServed)
    {
        metrics.HandedOver(pause);
        MembershipLog.HandedOver(logger, shard, to.Name, pause);
    }

    public void HandOverFailed(int shard, ClusterNode to, string reason)
    {
        metrics.HandOverFailed();
        MembershipLog.HandOverFailed(logger, shard, to.Name, reason);
    }
}
