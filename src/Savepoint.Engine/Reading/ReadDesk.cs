using Savepoint.Engine.Commits;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Reading;

/// <summary>Answers readings of entities in memory: at once when what they see is durable, else with the commit that makes it so (I2).</summary>
internal sealed class ReadDesk(VersionHistory history)
{
    /// <summary>Reads an entity in memory. Takes the shard's lock only while it looks.</summary>
    /// <returns>Whether the entity was in memory.</returns>
    public bool TryRead(Shard shard, EntityReading reading)
    {
        EntitySnapshot snapshot;
        Refusal? refusal = null;
        lock (shard.Gate)
        {
            if (shard.Find(reading.Key) is not { } entity)
                return false;
            if (entity.Extras?.QuarantineError is { } error)
                refusal = new Refusal(RefusalCode.Quarantined) { Key = entity.Key, Detail = error };
            else if (reading.Version > entity.Version)
                refusal = new Refusal(RefusalCode.VersionNotFound) { Key = entity.Key, ExpectedVersion = reading.Version, CurrentVersion = entity.Version };

            snapshot = refusal is null ? WatchDesk.Snapshot(entity) : default;
            var position = new HistoryPosition(entity.Version, entity.Sequence);
            if (!shard.IsCommitted(entity) && shard.Context.IsQueueFull(share: 1))
            {
                refusal = UnitExecutor.TooMuchWaits with { Key = entity.Key };
                snapshot = default;
            }
            else if (!shard.IsCommitted(entity))
            {
                shard.Then(new ReadLater(this, shard, reading, snapshot, refusal, position) { LookedAt = entity });
                return true;
            }

            if (IsOld(reading, entity) && refusal is null)
            {
                _ = history.ReadAsync(shard, entity.Key, position, reading);
                return true;
            }
        }

        reading.Completed(snapshot, refusal);
        return true;
    }

    public static void Refuse(EntityReading reading, Refusal refusal) => reading.Completed(default, refusal with { Key = reading.Key });

    private static bool IsOld(EntityReading reading, Entity entity) => reading.Version != 0 && reading.Version < entity.Version;

    private void Complete(Shard shard, EntityReading reading, in EntitySnapshot snapshot, Refusal? refusal, HistoryPosition position)
    {
        if (refusal is null && reading.Version != 0 && reading.Version < snapshot.Version)
            _ = history.ReadAsync(shard, reading.Key, position, reading);
        else
            reading.Completed(snapshot, refusal);
    }

    private sealed class ReadLater(
        ReadDesk desk, Shard shard, EntityReading reading, EntitySnapshot snapshot, Refusal? refusal, HistoryPosition position) : Effect
    {
        public override void Run() => desk.Complete(shard, reading, snapshot, refusal, position);

        public override void Fail(Refusal failure) => reading.Completed(default, failure);
    }
}
