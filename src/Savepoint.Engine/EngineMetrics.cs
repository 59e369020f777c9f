using System.Diagnostics.Metrics;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Databases;

namespace Savepoint.Engine;

/// <summary>The engine's instruments (docs/reference/metrics.md). Where there are several databases, what is theirs is measured for each.</summary>
internal sealed class EngineMetrics : IDisposable
{
    private readonly Meter _meter = new(MeterName);
    private readonly Func<EngineSnapshot> _snapshot;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<long> _commitUnits;
    private readonly Counter<long> _records;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _checkpointed;
    private readonly Histogram<double> _checkpointDuration;
    private readonly Counter<long> _deadLetters;

    public EngineMetrics(Func<EngineSnapshot> snapshot)
    {
        _snapshot = snapshot;
        _commitDuration = _meter.CreateHistogram<double>("savepoint.commit.duration", "s", "Time from the start of a commit until it is durable.");
        _commitUnits = _meter.CreateHistogram<long>("savepoint.commit.units", "{unit}", "Units and other waiters per commit.");
        _records = _meter.CreateCounter<long>("savepoint.journal.records", "{record}", "Records made durable.");
        _bytes = _meter.CreateCounter<long>("savepoint.journal.bytes", "By", "Bytes of records made durable.");
        _checkpointed = _meter.CreateCounter<long>("savepoint.checkpoint.entities", "{entity}", "Entities written by checkpoints.");
        _checkpointDuration = _meter.CreateHistogram<double>("savepoint.checkpoint.duration", "s", "Time of one checkpoint transaction.");
        _deadLetters = _meter.CreateCounter<long>("savepoint.dead_letters", "{letter}", "What could not be stored or published.");
        Gauge("savepoint.entities.resident", "{entity}", "Entities in memory.", s => s.ResidentEntities);
        Gauge("savepoint.sessions", "{session}", "Active sessions.", s => s.Sessions);
        Gauge("savepoint.watchers", "{watcher}", "Watchers, session holders included.", s => s.Watchers);
        Gauge("savepoint.units.prepared", "{unit}", "Parts of units over several nodes or databases that hold their entities until the unit is decided.", s => s.PreparedUnits);
        Gauge("savepoint.units.decided", "{unit}", "Units over several nodes or databases that are decided and not carried out everywhere.", s => s.DecidedUnits);
        Gauge("savepoint.units.underway", "{unit}", "Units over several nodes or databases that are not decided.", s => s.UnitsUnderWay);
        _meter.CreateObservableCounter("savepoint.hooks.failed", () => _snapshot().FailedHooks, "{failure}", "Hooks and migrations of kinds that failed.");
        OfEach("savepoint.queue.units", "{unit}", "Units that wait for their commit.", d => d.QueuedUnits);
        OfEach("savepoint.queue.bytes", "By", "Record bytes that wait for their commit.", d => d.QueuedBytes);
        OfEach("savepoint.checkpoint.records", "{record}", "Records that no checkpoint holds yet.", d => d.UncheckpointedRecords);
        OfEach("savepoint.checkpoint.lag", "s", "Age of the oldest change that no checkpoint holds yet.", d => d.CheckpointLag.TotalSeconds);
        OfEach("savepoint.relay.records", "{record}", "Records that are not published yet.", d => d.UnpublishedRecords);
        OfEach("savepoint.shards.served", "{shard}", "Shards that are served.", d => d.ServedShards);
        OfEach("savepoint.shards.failed", "{shard}", "Shards that are not served.", d => d.FailedShards);
        OfEach("savepoint.shards.held_back", "{shard}", "Shards whose journal is kept for entities that can't be read.", d => d.HeldBackShards);
        OfEach("savepoint.entities.quarantined", "{entity}", "Entities that can't be read.", d => d.QuarantinedEntities);
        OfEach("savepoint.store.failing", "{database}", "Whether the database fails at present: 0 or 1.", d => d.StoreFailure is null ? 0 : 1);
    }

    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Savepoint.Engine";

    public void Committed(Database database, CommitBatch batch, TimeSpan duration)
    {
        if (batch.Records == 0)
            return;
        _commitDuration.Record(duration.TotalSeconds, database.Labels);
        _commitUnits.Record(batch.Waiting, database.Labels);
        _records.Add(batch.Records, database.Labels);
        _bytes.Add(batch.Bytes, database.Labels);
    }

    public void Checkpointed(Database database, int entities, TimeSpan duration)
    {
        _checkpointed.Add(entities, database.Labels);
        _checkpointDuration.Record(duration.TotalSeconds, database.Labels);
    }

    public void DeadLetter(Database database, string source) =>
        _deadLetters.Add(1, [.. database.Labels, new KeyValuePair<string, object?>("source", source)]);

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string unit, string description, Func<EngineSnapshot, long> value) =>
        _meter.CreateObservableGauge(name, () => value(_snapshot()), unit, description);

    private void OfEach<T>(string name, string unit, string description, Func<DatabaseSnapshot, T> value)
        where T : struct =>
        _meter.CreateObservableGauge(
            name, () => _snapshot().Databases.Select(database => new Measurement<T>(value(database), database.Labels)), unit, description);
}
