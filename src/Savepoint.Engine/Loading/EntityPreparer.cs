using Savepoint.Documents;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Loading;

/// <summary>
/// Brings entities that came into memory to their kind's template version, and lets its hooks look at them, before anybody gets to see them. What that changes is
/// one record of the entity, queued before whatever the first request makes: so it happens once, is durable before any answer that shows it, and a crash leaves
/// either all of it or none. All methods run under the shard's lock.
/// </summary>
internal sealed class EntityPreparer(EngineContext context, WatchDesk watches)
{
    /// <summary>Prepares an entity, unless it is already. Nobody may hold it.</summary>
    /// <param name="shard">Its shard.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="keepsDelta">Whether somebody is about to watch it from an earlier version, and may get the change as a delta.</param>
    /// <param name="isPartOfUnit">Whether it ends a unit that is queued, which nothing may refuse any more.</param>
    /// <returns>Why nobody may see it now; null when it is prepared.</returns>
    public Refusal? Prepare(Shard shard, Entity entity, bool keepsDelta = false, bool isPartOfUnit = false)
    {
        if (entity.IsPrepared || entity.Document is not { } document || IsCurrent(entity.Kind, document))
        {
            entity.IsPrepared = true;
            return null;
        }

        // A migration always makes a record: while that can't be queued, it is not worth the work. Whether hooks make one, only they know.
        var refusal = isPartOfUnit ? null : CheckRecord(shard, entity);
        if (refusal is not null && HookRun.TemplateVersionOf(document) != entity.Kind.TemplateVersion)
            return refusal;
        var now = context.Time.GetUtcNow();
        var run = new HookRun(entity.Kind, entity.Key, document, entity.Version, now);
        if ((run.Migrate() ?? run.Load() ?? run.CheckSchema()) is { } failed)
        {
            if (failed.Code == RefusalCode.HookFailed)
                context.Counters.AddFailedHook();
            return failed;
        }

        if (!run.Changes.IsEmpty)
        {
            if (refusal is not null)
                return refusal;
            Record(shard, entity, run, now, keepsDelta);
        }

        entity.IsPrepared = true;
        return null;
    }

    /// <summary>Looks what would become of a document that an entity is to get back, and changes nothing.</summary>
    /// <returns>Why it can't be prepared; null when it can.</returns>
    public static Refusal? Try(Entity entity, Document restored, DateTimeOffset now, out Document prepared)
    {
        prepared = restored;
        if (IsCurrent(entity.Kind, restored))
            return null;
        var run = new HookRun(entity.Kind, entity.Key, restored, entity.Version, now);
        var failed = run.Migrate() ?? run.Load() ?? run.CheckSchema();
        prepared = run.Document;
        return failed;
    }

    private static bool IsCurrent(Kind kind, Document document) =>
        kind.LoadedHooks.Count == 0 && HookRun.TemplateVersionOf(document) == kind.TemplateVersion;

    /// <summary>Why no record of an entity can be queued now; null when one can.</summary>
    private Refusal? CheckRecord(Shard shard, Entity entity)
    {
        var isFull = shard.Database.IsQueueFull(share: 1) || shard.Database.IsJournalFull;
        return (context.ServingRefusal(shard) ?? (isFull ? Overload.TooMuchWaits : null)) is { } refusal ? refusal with { Key = entity.Key } : null;
    }

    private void Record(Shard shard, Entity entity, HookRun run, DateTimeOffset now, bool keepsDelta)
    {
        var isMigration = HookRun.TemplateVersionOf(entity.Document!) != entity.Kind.TemplateVersion;
        var before = shard.Copies.Before(entity, now.UtcTicks);
        entity.Document = run.Document;
        entity.Version++;
        var header = new RecordHeader
        {
            Type = RecordType.Changed,
            AtTicks = now.UtcTicks,
            Actor = LoadEvent.Actor,
            EventType = isMigration ? LoadEvent.MigrationTo(entity.Kind.TemplateVersion) : LoadEvent.Hooks,
        };
        var at = shard.Append(entity, ref header, run.Changes.WrittenSpan, before);
        if (keepsDelta)
            entity.NeedExtras().Recent ??= new RecentDeltas(context.Options.RecentDeltaBytes);
        watches.PushOwn(shard, entity, at, run.Changes.WrittenSpan);
        shard.Database.WakeCommitter();
    }
}
