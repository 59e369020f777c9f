using Savepoint.Engine.Sessions;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Entities;

/// <summary>The parts of an entity that most entities do without.</summary>
internal sealed class EntityExtras
{
    /// <summary>The session, or the last one: its number is needed for ever. Null when there never was one.</summary>
    public SessionState? Session { get; set; }

    /// <summary>Unprocessed messages, oldest first.</summary>
    public List<EntityMessage>? Messages { get; set; }

    /// <summary>The number of the newest message that there ever was.</summary>
    public long LastMessage { get; set; }

    /// <summary>Copied on write: a change under way keeps the watchers that it was made for.</summary>
    public Watcher[] Watchers { get; set; } = [];

    /// <summary>The newest deltas, for watchers that come back; null until the entity is watched.</summary>
    public RecentDeltas? Recent { get; set; }

    /// <summary>Values of Deferred properties that are not journaled yet; null when there are none.</summary>
    public DeferredOverlay? Overlay { get; set; }

    /// <summary>Why the stored entity can't be read; null when it can.</summary>
    public string? QuarantineError { get; set; }

    /// <summary>The version with which the entity was erased last: none below it may be read. 0 when it never was.</summary>
    public long ErasedVersion { get; private set; }

    /// <summary>The sequence number of its record.</summary>
    public long ErasedSequence { get; private set; }

    /// <summary>Whether the store holds nothing any more of what was erased.</summary>
    public bool IsErasureStored { get; set; }

    /// <summary>Whole copies that the next checkpoint writes, oldest first; null when there are none.</summary>
    public List<StoredSnapshot>? Copies { get; private set; }

    public bool HasActiveSession => Session is { IsActive: true };

    public void Keep(StoredSnapshot copy) => (Copies ??= []).Add(copy);

    /// <summary>The entity is erased: nothing is left of what it was.</summary>
    public void Erase(long version, long sequence, bool isStored = false)
    {
        (ErasedVersion, ErasedSequence, IsErasureStored) = (version, sequence, isStored);
        Copies = null;
        Recent = null;
    }

    /// <summary>Takes the copies, for a checkpoint.</summary>
    public List<StoredSnapshot>? TakeCopies()
    {
        var taken = Copies;
        Copies = null;
        return taken;
    }

    /// <summary>Gives back copies that were not stored, which are older than those made since.</summary>
    /// <param name="copies">The copies, of which there is one at least.</param>
    /// <param name="needed">For how long before the newest they are needed: of a row that is refused for weeks there would be ever more (I9).</param>
    public void PutBack(IReadOnlyList<StoredSnapshot> copies, TimeSpan needed)
    {
        List<StoredSnapshot> all = [.. copies, .. Copies ?? []];
        var from = all[^1].At - needed;
        all.RemoveAll(copy => copy.At < from || copy.Version < ErasedVersion);
        Copies = all;
    }
}
