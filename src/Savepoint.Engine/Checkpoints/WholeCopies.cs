using Savepoint.Engine.Entities;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Checkpoints;

/// <summary>
/// Keeps an entity whole as it was before its first record of each period, so that each version has a copy at or below it, with no record between the two
/// that is older than the period. The journal is kept longer than its retention by more than a period: all of them are in it until retention has gone by
/// since the version was superseded (I3). Whoever applies a record, at once or in replay, asks here; so it counts when changes were made, and not how
/// soon a checkpoint came. The copies are written with the next checkpoint of the entity. Until then its stored row serves for them: the journal holds
/// all that the row lacks. Safe for concurrent use, each entity by one at a time.
/// </summary>
internal sealed class WholeCopies
{
    // More periods make more copies; fewer make the journal longer.
    private const int PeriodsInRetention = 10;

    // What is above the tenth is for clocks that differ and commits that take long: 4 hours of the default 7 days.
    private const int PartKeptLonger = 8;

    private readonly int _shard;
    private readonly long _period;
    private readonly long _offset;

    /// <summary>Makes the copies of a shard. Its periods begin at other times than those of other shards, so that not all copies are made at once.</summary>
    public WholeCopies(int shard, EngineOptions options)
    {
        _shard = shard;
        _period = Math.Max(options.JournalRetention.Ticks / PeriodsInRetention, TimeSpan.TicksPerSecond);
        _offset = _period / options.ShardCount * shard;
    }

    /// <summary>How long the journal is kept, so that versions can be read until its retention ends.</summary>
    public static TimeSpan JournalKept(EngineOptions options) => options.JournalRetention + (options.JournalRetention / PartKeptLonger);

    /// <summary>How long snapshots are kept: as long as the deltas that build on them at least.</summary>
    public static TimeSpan SnapshotsKept(EngineOptions options)
    {
        var journal = JournalKept(options);
        return options.SnapshotRetention > journal ? options.SnapshotRetention : journal;
    }

    /// <summary>
    /// The entity as it is, if a record that is to change it is its first of a period, else null. The first record of all begins none, since what follows it
    /// builds on nothing. Nor does a clock that was set back: the records since the copy before are dated later then, and so kept longer.
    /// </summary>
    /// <param name="entity">The entity, before its document and version change.</param>
    /// <param name="atTicks">When the record is made, in UTC ticks.</param>
    public StoredSnapshot? Before(Entity entity, long atTicks) =>
        entity.Sequence != 0 && PeriodOf(entity.AtTicks) < PeriodOf(atTicks) ? Take(_shard, entity, atTicks) : null;

    /// <summary>An entity as it is, dated with its newest record: one that was repaired builds on nothing that was before.</summary>
    public StoredSnapshot Of(Entity entity) => Take(_shard, entity, entity.AtTicks);

    /// <summary>An entity as it is.</summary>
    public static StoredSnapshot Take(int shard, Entity entity, long atTicks) =>
        new(shard, entity.Key, entity.Version, entity.Sequence, Encode(entity), new DateTimeOffset(atTicks, TimeSpan.Zero));

    // Spelled out: a null array would become an empty document, and not none.
    private static ReadOnlyMemory<byte>? Encode(Entity entity) =>
        entity.Document is { } present ? new ReadOnlyMemory<byte>(present.ToBytes()) : (ReadOnlyMemory<byte>?)null;

    private long PeriodOf(long ticks) => (ticks + _offset) / _period;
}
