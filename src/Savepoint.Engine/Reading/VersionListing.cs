using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Reading;

/// <summary>
/// A wish to list versions of an entity, page by page: those that the journal holds, and of older ones those that are kept whole.
/// </summary>
public abstract class VersionListing : EntityLookup
{
    /// <summary>The default of <see cref="Limit"/>.</summary>
    public const int DefaultLimit = 100;

    /// <summary>The greatest <see cref="Limit"/>.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>The lowest version to list; 0 for all.</summary>
    public long FromVersion { get; init; }

    /// <summary>The highest version to list; 0 for all.</summary>
    public long ToVersion { get; init; }

    /// <summary>
    /// Lists versions that were made at or after this time. Times of versions are taken to grow with them: where a clock was set back, those out of order
    /// may be left out of a range, or be in it.
    /// </summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Lists versions that were made before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether to begin with the oldest version of the range. By default the newest comes first.</summary>
    public bool IsOldestFirst { get; init; }

    /// <summary>The most versions to list, 1 to <see cref="MaxLimit"/>. The default is 100.</summary>
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>Where to go on, as the page before said; the default begins. All else has to be as for that page.</summary>
    public VersionPosition Position { get; init; }

    internal sealed override bool IsExact => true;

    /// <summary>Called once, when what was seen is durable. It must be short, must not block and must not throw.</summary>
    /// <param name="page">The versions; null when refused.</param>
    /// <param name="refusal">Why there is no page; null when there is one.</param>
    protected internal abstract void Completed(VersionPage? page, Refusal? refusal);

    internal sealed override Refusal? Check(long presentVersion, long erasedVersion)
    {
        if (Limit is < 1 or > MaxLimit)
            return UnitRules.Invalid($"a page of versions has 1 to {MaxLimit}") with { Key = Key };
        if (FromVersion < 0 || ToVersion < 0 || Position.Version < 0 || Position.Sequence < 0)
            return UnitRules.Invalid("versions and positions are not negative") with { Key = Key };
        return presentVersion == 0 ? new Refusal(RefusalCode.NotFound) { Key = Key } : null;
    }

    internal sealed override bool NeedsDocument(long presentVersion) => false;

    internal sealed override void AnswerWith(Shard shard, in SeenEntity seen) => _ = shard.Database.History.ListAsync(shard, seen, this);

    internal sealed override void AnswerWith(Refusal refusal) => Completed(null, refusal);
}
