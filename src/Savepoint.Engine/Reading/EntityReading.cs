using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Reading;

/// <summary>A wish to read an entity, without a session.</summary>
public abstract class EntityReading : EntityLookup
{
    /// <summary>The detail of a refusal that says that the version was erased, and is not merely out of reach.</summary>
    public const string Erased = "the version was erased";

    /// <summary>
    /// The version to read; 0 for the newest, and with it what Deferred properties hold that no version does yet.
    /// </summary>
    public long Version { get; init; }

    /// <summary>
    /// The version that the reader knows: when the entity is still at it, the document may be left out (<see cref="EntitySnapshot.IsKnown"/>), which costs next to
    /// nothing. 0 for none, which is the default.
    /// </summary>
    public long KnownVersion { get; init; }

    /// <summary>Whether to read also the session and the messages of the newest version. The default value is false.</summary>
    public bool WithSupplement { get; init; }

    internal sealed override bool IsExact => Version != 0;

    /// <summary>Called once, when what was read is durable. It must be short, must not block and must not throw.</summary>
    protected internal abstract void Completed(in EntitySnapshot snapshot, Refusal? refusal);

    internal sealed override Refusal? Check(long presentVersion, long erasedVersion)
    {
        var isErased = Version != 0 && Version < erasedVersion;
        return Version <= presentVersion && !isErased ? null : new Refusal(RefusalCode.VersionNotFound)
        {
            Key = Key,
            ExpectedVersion = Version,
            CurrentVersion = presentVersion,
            Detail = isErased ? Erased : null,
        };
    }

    internal sealed override bool NeedsDocument(long presentVersion) => !IsOld(presentVersion);

    internal sealed override void AnswerWith(Shard shard, in SeenEntity seen)
    {
        if (IsOld(seen.Version))
            _ = shard.Database.History.ReadAsync(shard, Key, seen, this);
        else
            Completed(seen.Snapshot, null);
    }

    internal sealed override void AnswerWith(Refusal refusal) => Completed(default, refusal);

    private bool IsOld(long presentVersion) => Version != 0 && Version < presentVersion;
}
