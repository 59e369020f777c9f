using Savepoint.Engine.Databases;
using Savepoint.Engine.Spanning;

namespace Savepoint.Engine;

/// <summary>Reads off what the engine holds and does.</summary>
internal sealed class EngineGauges(EngineContext context, UnitCoordinator coordinator)
{
    /// <summary>A moment's view; each shard is looked at by itself.</summary>
    public EngineSnapshot Read()
    {
        var failed = new Dictionary<int, string>();
        var served = new List<int>();
        var (prepares, decisions) = (0, 0);
        foreach (var shard in context.Shards)
        {
            lock (shard.Gate)
            {
                prepares += shard.Units.Prepares;
                decisions += shard.Units.Decisions;
            }
        }

        return new EngineSnapshot
        {
            IsReady = context.IsServing,
            ResidentEntities = context.Counters.Resident,
            Sessions = context.Counters.Sessions,
            Watchers = context.Counters.Watchers,
            FailedHooks = context.Counters.FailedHooks,
            Databases = Array.ConvertAll(context.Databases, database => Read(database, failed, served)),
            Fault = context.Fault,
            FailedShards = failed,
            ServedShards = served,
            PreparedUnits = prepares,
            DecidedUnits = decisions,
            UnitsUnderWay = coordinator.UnderWay,
        };
    }

    private DatabaseSnapshot Read(Database database, Dictionary<int, string> failed, List<int> served)
    {
        var (failedBefore, servedBefore) = (failed.Count, served.Count);
        long unpublished = 0;
        var isBehind = false;
        foreach (var shard in database.Shards)
        {
            lock (shard.Gate)
            {
                if (shard.Service.Trouble is { } trouble)
                    failed[shard.Index] = trouble;
                else if (context.HasPublisher && shard.Service.IsHeld)
                    unpublished += shard.CommittedSequence - shard.PublishedSequence;
                if (shard.Service.Refusal is null)
                    served.Add(shard.Index);
                isBehind |= shard.Dirty.Count > 0;
            }
        }

        return new DatabaseSnapshot
        {
            Shards = database.Range,
            StoreFailure = database.StoreFailure,
            QueuedUnits = database.Counters.QueuedUnits,
            QueuedBytes = database.Counters.QueuedBytes,
            UncheckpointedRecords = database.Counters.Uncheckpointed,
            CheckpointLag = isBehind ? TimeSpan.FromTicks(Math.Max(0, context.Now - database.StoredUpTo)) : TimeSpan.Zero,
            UnpublishedRecords = unpublished,
            HeldBackShards = database.HeldBackShards,
            QuarantinedEntities = database.QuarantinedEntities,
            ServedShards = served.Count - servedBefore,
            FailedShards = failed.Count - failedBefore,
            Labels = database.Labels,
        };
    }
}
