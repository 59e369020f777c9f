using System.Diagnostics.Metrics;
using Savepoint.Engine.Ownership;

namespace Savepoint.Server.Membership;

/// <summary>Measures the node's part in its cluster.</summary>
internal sealed class MembershipMetrics : IDisposable
{
    public const string MeterName = "Savepoint.Cluster";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _renewals;
    private readonly Counter<long> _failedRenewals;
    private readonly Counter<long> _taken;
    private readonly Counter<long> _dropped;
    private readonly Histogram<double> _pauses;
    private readonly Counter<long> _failedHandOvers;

    public MembershipMetrics()
    {
        _renewals = _meter.CreateHistogram<double>("savepoint.cluster.renewal", "s", "One renewal of the lease.");
        _failedRenewals = _meter.CreateCounter<long>("savepoint.cluster.failed_renewals", "{renewal}", "Renewals that failed.");
        _taken = _meter.CreateCounter<long>("savepoint.cluster.shards_taken", "{shard}", "Shards that were to be taken, by outcome.");
        _dropped = _meter.CreateCounter<long>("savepoint.cluster.shards_dropped", "{shard}", "Shards that were another node's when this one looked.");
        _pauses = _meter.CreateHistogram<double>("savepoint.cluster.hand_over_pause", "s", "How long nobody served a shard that was handed over, at most.");
        _failedHandOvers = _meter.CreateCounter<long>("savepoint.cluster.failed_hand_overs", "{shard}", "Hand-overs that did not begin, or did not end, and are tried again.");
    }

    /// <summary>Adds what is asked for when somebody looks.</summary>
    public void Observe(Func<MembershipSnapshot> snapshot)
    {
        _meter.CreateObservableGauge("savepoint.cluster.nodes", () => snapshot().Nodes, "{node}", "Living nodes, gateways included, as this one sees it.");
        _meter.CreateObservableGauge("savepoint.cluster.feature_level", () => snapshot().FeatureLevel, null, "The newest formats that every living node reads.");
        _meter.CreateObservableGauge("savepoint.cluster.unowned_shards", () => snapshot().UnownedShards, "{shard}", "Shards without an owner, as this node sees it.");
        _meter.CreateObservableGauge("savepoint.cluster.lease_left", () => snapshot().LeaseLeft.TotalSeconds, "s", "How long this node's lease lasts without another renewal.");
        _meter.CreateObservableGauge("savepoint.cluster.links", () => snapshot().Links, "{link}", "Open links to other nodes.");
        _meter.CreateObservableGauge("savepoint.cluster.waiting_requests", () => snapshot().Waiting, "{request}", "Requests that wait for an owner of their shard.");
    }

    public void Renewed(TimeSpan took) => _renewals.Record(took.TotalSeconds);

    public void RenewalFailed() => _failedRenewals.Add(1);

    public void Taken(TakeOutcome outcome) => _taken.Add(1, new KeyValuePair<string, object?>("outcome", outcome switch
    {
        TakeOutcome.Served => "served",
        TakeOutcome.TakenByAnother => "taken_by_another",
        TakeOutcome.Damaged => "damaged",
        TakeOutcome.StoreFailed => "store_failed",
        _ => "busy",
    }));

    public void Dropped(int shards) => _dropped.Add(shards);

    public void HandedOver(TimeSpan pause) => _pauses.Record(pause.TotalSeconds);

    public void HandOverFailed() => _failedHandOvers.Add(1);

    public void Dispose() => _meter.Dispose();
}

/// <summary>A moment's view of the cluster from one node.</summary>
internal readonly record struct MembershipSnapshot(int Nodes, int FeatureLevel, int UnownedShards, TimeSpan LeaseLeft, int Links, int Waiting);
