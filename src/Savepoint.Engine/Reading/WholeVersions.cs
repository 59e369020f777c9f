using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Reading;

/// <summary>A version that is kept whole, in a snapshot, in the stored row or in memory.</summary>
internal sealed record WholeVersion(long Version, long Sequence, DateTimeOffset At, bool Exists);

/// <summary>
/// The versions of an entity that are kept whole: its snapshots, its stored row as it was when this was made, and the present one; of one that was erased
/// the tombstone, and nothing that is older, though it may be stored still. The row is read before
/// anything else: the checkpoint that replaces it writes the copies that are needed instead in the same transaction.
/// </summary>
internal sealed class WholeVersions(IEntityStore store, int shard, EntityKey key, SeenEntity present, StoredEntity? row)
{
    private readonly WholeVersion? _row =
        row is { QuarantineError: null, Version: > 0 } && row.Version >= present.ErasedVersion ? new WholeVersion(row.Version, row.Sequence, row.At, row.Document is not null) : null;

    private readonly WholeVersion? _erased = present.ErasedVersion == 0
        ? null
        : new WholeVersion(present.ErasedVersion, present.ErasedSequence, new DateTimeOffset(present.AtTicks, TimeSpan.Zero), Exists: false);

    public WholeVersion Present { get; } =
        new(present.Version, present.Sequence, new DateTimeOffset(present.AtTicks, TimeSpan.Zero), present.Exists);

    /// <summary>The newest at or below a version.</summary>
    public async ValueTask<WholeVersion?> AtOrBelowAsync(long version)
    {
        if (version >= Present.Version)
            return Present;
        var snapshot = Of(await store.ReadSnapshotAtOrBelowAsync(shard, key, version, CancellationToken.None));
        if (snapshot is null && _erased?.Version <= version)
            snapshot = _erased;
        return _row is not null && _row.Version <= version && _row.Version >= (snapshot?.Version ?? 0) ? _row : snapshot;
    }

    /// <summary>The oldest at or above a version, which may be the present one.</summary>
    public async ValueTask<WholeVersion> AtOrAboveAsync(long version)
    {
        var snapshot = Of(await store.ReadSnapshotAtOrAboveAsync(shard, key, version, CancellationToken.None));
        var nearest = snapshot is null || snapshot.Version >= Present.Version ? Present : snapshot;
        return _row is not null && _row.Version >= version && _row.Version < nearest.Version ? _row : nearest;
    }

    /// <summary>The oldest that was made at or after a time, going by halves: all versions above it were made after that time, and all below the next older one before it.</summary>
    public async ValueTask<WholeVersion?> FirstSinceAsync(DateTimeOffset time)
    {
        WholeVersion? first = null;
        for (long low = 1, high = Present.Version; low <= high;)
        {
            var middle = low + ((high - low) / 2);
            if (await AtOrBelowAsync(middle) is { } found && found.At >= time)
            {
                first = found;
                high = found.Version - 1;
            }
            else
            {
                low = middle + 1;
            }
        }

        return first;
    }

    private WholeVersion? Of(StoredSnapshot? snapshot) =>
        snapshot is null or { Version: 0 } || snapshot.Version < present.ErasedVersion ? null : new WholeVersion(snapshot.Version, snapshot.Sequence, snapshot.At, snapshot.Document is not null);
}
