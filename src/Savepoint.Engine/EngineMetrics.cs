using System.Diagnostics.Metrics;
using Savepoint.Engine.Commits;

namespace Savepoint.Engine;

/// <summary>The engine's instruments (docs/reference/metrics.md).</summary>
internal sealed class EngineMetrics : IDisposable
{
    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<long> _commitUnits;
    private readonly Counter<long> _records;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _checkpointed;
    private readonly Histogram<double> _checkpointDuration;
    private readonly Counter<long> _deadLetters;

    public EngineMetrics(Func<EngineSnapshot> snapshot)
    {
        _commitDuration = _meter.CreateHistogram<double>("savepoint.commit.duration", "s", "Time from the start of a commit until it is durable.");
        _commitUnits = _meter.CreateHistogram<long>("savepoint.commit.units", "{unit}", "Units and other waiters per commit.");
        _records = _meter.CreateCounter<long>("savepoint.journal.records", "{record}", "Records made durable.");
        _bytes = _meter.CreateCounter<long>("savepoint.journal.bytes", "By", "Bytes of records made durable.");
        _checkpointed = _meter.CreateCounter<long>("savepoint.checkpoint.entities", "{entity}", "Entities written by checkpoints.");
        _checkpointDuration = _meter.CreateHistogram<double>("savepoint.checkpoint.duration", "s", "Time of one checkpoint transaction.");
        _deadLetters = _meter.CreateCounter<long>("savepoint.dead_letters", "{letter}", "What could not be stored or published.");
        Gauge("savepoint.queue.units", "{unit}", "Units that wait for their commit.", s => s.QueuedUnits);
        Gauge("savepoint.queue.bytes", "By", "Record bytes that wait for their commit.", s => s.QueuedBytes);
        Gauge("savepoint.entities.resident", "{entity}", "Entities in memory.", s => s.ResidentEntities);
        Gauge("savepoint.sessions", "{session}", "Active sessions.", s => s.Sessions);
        Gauge("savepoint.watchers", "{watcher}", "Watchers, session holders included.", s => s.Watchers);
        Gauge("savepoint.checkpoint.records", "{record}", "Records that no checkpoint holds yet.", s => s.UncheckpointedRecords);
        Gauge("savepoint.relay.records", "{record}", "Records that are not published yet.", s => s.UnpublishedRecords);
        Gauge("savepoint.shards.served", "{shard}", "Shards that are served.", s => s.ServedShards.Count);
        Gauge("savepoint.shards.failed", "{shard}", "Shards that are not served.", s => s.FailedShards.Count);
        Gauge("savepoint.shards.held_back", "{shard}", "Shards whose journal is kept for entities that can't be read.", s => s.HeldBackShards);
        Gauge("savepoint.units.prepared", "{unit}", "Parts of units over several nodes that hold their entities until the unit is decided.", s => s.PreparedUnits);
        Gauge("savepoint.units.decided", "{unit}", "Units over several nodes that are decided and not carried out everywhere.", s => s.DecidedUnits);
        Gauge("savepoint.units.underway", "{unit}", "Units over several nodes that are not decided.", s => s.UnitsUnderWay);
        _meter.CreateObservableGauge("savepoint.checkpoint.lag", () => snapshot().CheckpointLag.TotalSeconds, "s", "Age of the oldest change that no checkpoint holds yet.");

        void Gauge(string name, string unit, string description, Func<EngineSnapshot, long> value) =>
            _meter.CreateObservableGauge(name, () => value(snapshot()), unit, description);
    }

    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Savepoint.Engine";

    public void Committed(CommitBatch batch, TimeSpan duration)
    {
        if (batch.Records == 0)
            return;
        _commitDuration.Record(duration.TotalSeconds);
        _commitUnits.Record(batch.Waiting);
        _records.Add(batch.Records);
        _bytes.Add(batch.Bytes);
    }

    public void Checkpointed(int entities, TimeSpan duration)
    {
        _checkpointed.Add(entities);
        _checkpointDuration.Record(duration.TotalSeconds);
    }

    public void DeadLetter(string source) => _deadLetters.Add(1, new KeyValuePair<string, object?>("source", source));

    public void Dispose() => _meter.Dispose();
}
