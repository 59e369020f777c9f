using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Server.Hosting;

/// <summary>Writes to the log what the engine reports of failures, each once, when it comes and when it goes: the engine itself does no I/O.</summary>
internal sealed class EngineWatch(StateEngine engine, TimeProvider time, ILogger<EngineWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly HashSet<int> _failedShards = [];
    private readonly HashSet<ShardRange> _failingStores = [];
    private bool _hasFault;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Report(engine.Snapshot());
    }

    private void Report(EngineSnapshot snapshot)
    {
        foreach (var (shard, reason) in snapshot.FailedShards)
        {
            if (_failedShards.Add(shard))
                HostLog.ShardFailed(logger, shard, reason);
        }

        _failedShards.IntersectWith(snapshot.FailedShards.Keys);
        foreach (var database in snapshot.Databases)
        {
            if (database.StoreFailure is { } failure && _failingStores.Add(database.Shards))
                HostLog.StoreFails(logger, database.Shards, failure);
            else if (database.StoreFailure is null && _failingStores.Remove(database.Shards))
                HostLog.StoreWorks(logger, database.Shards);
        }

        if (snapshot.Fault is { } fault && !_hasFault)
            HostLog.EngineFault(logger, fault);
        _hasFault = snapshot.Fault is not null;
    }
}
