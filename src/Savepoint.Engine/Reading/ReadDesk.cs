using Savepoint.Engine.Commits;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Reading;

/// <summary>Answers lookups of entities in memory: at once when what they see is durable, else with the commit that makes it so (I2).</summary>
internal static class ReadDesk
{
    /// <summary>Looks at an entity in memory. Takes the shard's lock only while it looks.</summary>
    /// <returns>Whether the entity was in memory.</returns>
    public static bool TryRead(Shard shard, EntityLookup lookup)
    {
        SeenEntity seen = default;
        Refusal? refusal;
        lock (shard.Gate)
        {
            if (shard.Find(lookup.Key) is not { } entity)
                return false;
            if (shard.Units.Held.IsClosedTo(lookup.Key, lookup))
            {
                refusal = shard.Context.WaitForHeld(shard, lookup.Key, lookup);
                if (refusal is null)
                    return true;
            }
            else
            {
                refusal = entity.Extras?.QuarantineError is { } error
                    ? new Refusal(RefusalCode.Quarantined) { Key = entity.Key, Detail = error }
                    : shard.Context.Preparer.Prepare(shard, entity) ?? lookup.Check(entity.Version, entity.Extras?.ErasedVersion ?? 0);
                seen = refusal is null ? See(entity, lookup) : default;
                if (!shard.IsCommitted(entity) && shard.Database.IsQueueFull(share: 1))
                {
                    refusal = Overload.TooMuchWaits with { Key = entity.Key };
                }
                else if (!shard.IsCommitted(entity))
                {
                    shard.Then(new ReadLater(shard, lookup, seen, refusal) { LookedAt = entity });
                    return true;
                }
            }
        }

        // Whoever is told may go on with a unit, which takes the locks of other shards: not under this one's.

        Complete(shard, lookup, seen, refusal);
        return true;
    }

    public static void Refuse(EntityLookup lookup, Refusal refusal) => lookup.Refuse(refusal with { Key = lookup.Key });

    private static SeenEntity See(Entity entity, EntityLookup lookup)
    {
        var seen = new SeenEntity(entity.Version, entity.Sequence, entity.AtTicks, entity.Document is not null)
        {
            ErasedVersion = entity.Extras?.ErasedVersion ?? 0,
            ErasedSequence = entity.Extras?.ErasedSequence ?? 0,
        };
        if (!lookup.NeedsDocument(entity.Version))
            return seen;
        if (IsKnown(entity, lookup))
            return seen with { Snapshot = new EntitySnapshot { Key = entity.Key, Version = entity.Version, IsKnown = true } };
        var snapshot = lookup.IsExact
            ? new EntitySnapshot { Key = entity.Key, Version = entity.Version, Document = entity.Document?.ToBytes() }
            : WatchDesk.Snapshot(entity) with { Session = SessionOf(entity) };
        return seen with { Snapshot = lookup is EntityReading { WithSupplement: true } ? snapshot with { Supplement = SupplementOf(entity) } : snapshot };
    }

    /// <summary>What an overlay holds is of no version, so nobody knows it by one; and of what was removed there is nothing to know.</summary>
    private static bool IsKnown(Entity entity, EntityLookup lookup) =>
        lookup is EntityReading { KnownVersion: > 0, WithSupplement: false } reading && reading.KnownVersion == entity.Version
        && entity.Document is not null && entity.Extras?.Overlay is null;

    private static EntitySupplement? SupplementOf(Entity entity) => entity.Extras is not { } extras ? null : new EntitySupplement(
        extras.Session?.Number ?? 0,
        extras.HasActiveSession,
        extras.Session?.Holder ?? "",
        new DateTimeOffset(extras.Session?.SinceTicks ?? 0, TimeSpan.Zero),
        extras.Messages?.ToArray() ?? []);

    private static HeldSession? SessionOf(Entity entity) => entity.Extras is { HasActiveSession: true, Session: { } session }
        ? new HeldSession(session.Number, session.Holder, new DateTimeOffset(session.SinceTicks, TimeSpan.Zero))
        : null;

    private static void Complete(Shard shard, EntityLookup lookup, in SeenEntity seen, Refusal? refusal)
    {
        if (refusal is null)
            lookup.AnswerWith(shard, seen);
        else
            lookup.Refuse(refusal);
    }

    private sealed class ReadLater(Shard shard, EntityLookup lookup, SeenEntity seen, Refusal? refusal) : Effect
    {
        public override void Run() => Complete(shard, lookup, seen, refusal);

        public override void Fail(Refusal failure) => lookup.Refuse(failure);
    }
}
