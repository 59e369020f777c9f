using System.Diagnostics.CodeAnalysis;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Commits;

/// <summary>
/// What one shard has queued for the next commit: the segment's bytes, and what must happen once they are durable, in order.
/// Guarded by the shard's lock until it is cut; then the committer's alone.
/// </summary>
internal sealed class ShardBatch(Action queued, Action<Exception> report) : IDisposable
{
    private readonly List<BatchEntry> _entries = [];
    private readonly List<PushedChange> _pushes = [];
    private bool _isAnnounced;

    public SegmentWriter Records { get; } = new();

    public long FirstSequence { get; set; }

    public long LastSequence { get; set; }

    public bool IsEmpty => _entries.Count == 0 && Records.IsEmpty;

    public bool HasRecords => !Records.IsEmpty;

    public int Entries => _entries.Count;

    /// <summary>Units and effects whose outcome waits for this commit.</summary>
    public int Waiting { get; private set; }

    /// <summary>Lets the committer know that there is something here; called before the first of it is added.</summary>
    public void Announce()
    {
        if (_isAnnounced)
            return;
        _isAnnounced = true;
        queued();
    }

    /// <summary>Answers a unit.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="refusal">Its answer.</param>
    /// <param name="lookedAt">For a unit without records: the entity that it looked at. The answer stands as long as that is in memory.</param>
    public void Complete(Unit unit, Refusal? refusal, Entity? lookedAt = null)
    {
        Announce();
        _entries.Add(new BatchEntry(unit, refusal, -1, lookedAt));
        Waiting++;
    }

    public void Then(Effect effect)
    {
        Announce();
        _entries.Add(new BatchEntry(effect, null, -1, effect.LookedAt));
        Waiting++;
    }

    /// <summary>Pushes a change.</summary>
    /// <param name="watchers">Who gets it.</param>
    /// <param name="change">The change.</param>
    /// <param name="unversionedOf">For a change without a record: the entity. The change stands as long as that is in memory.</param>
    public void Push(Watcher[] watchers, in PushedChange change, Entity? unversionedOf = null)
    {
        Announce();
        _entries.Add(new BatchEntry(watchers, null, _pushes.Count, unversionedOf));
        _pushes.Add(change);
    }

    /// <summary>Gives out everything, in order, after the commit.</summary>
    public void Publish()
    {
        for (var next = 0; next < _entries.Count;)
        {
            try
            {
                while (next < _entries.Count)
                    Publish(_entries[next++]);
            }
#pragma warning disable CA1031 // One callback that throws, though none may, must not cost the others their answers.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                report(fault);
            }
        }
    }

    /// <summary>
    /// Tells everyone that the commit was given up, after the entities with uncommitted changes were dropped: what looked at another, and changed
    /// nothing that is journaled, stands.
    /// </summary>
    public void Fail(Refusal refusal)
    {
        foreach (var entry in _entries)
        {
            try
            {
                Fail(entry, refusal);
            }
#pragma warning disable CA1031 // As above.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                report(fault);
            }
        }
    }

    public void Clear()
    {
        Records.Clear();
        _isAnnounced = false;
        _entries.Clear();
        _pushes.Clear();
        Waiting = 0;
        FirstSequence = LastSequence = 0;
    }

    public void Dispose() => Records.Dispose();

    private void Fail(in BatchEntry entry, Refusal refusal)
    {
        if (entry.LookedAt is { IsDropped: false })
            Publish(entry);
        else if (entry.Target is Unit unit)
            unit.Complete(refusal);
        else if (entry.Target is Effect effect)
            effect.Fail(refusal);
    }

    private void Publish(in BatchEntry entry)
    {
        switch (entry.Target)
        {
            case Unit unit:
                unit.Complete(entry.Refusal);
                break;
            case Effect effect:
                effect.Run();
                break;
            case Watcher[] watchers:
                Deliver(watchers, _pushes[entry.Push]);
                break;
        }
    }

    private void Deliver(Watcher[] watchers, in PushedChange pushed)
    {
        var change = new EntityChange
        {
            Key = pushed.Key,
            Version = pushed.Version,
            Delta = pushed.OwnDelta ?? Records.Slice(pushed.DeltaOffset, pushed.DeltaLength),
            Writer = pushed.Writer,
            Request = pushed.Request,
            Mutation = pushed.Mutation,
            IsAsAsked = pushed.IsAsAsked,
            Removed = pushed.Removed,
            Checksum = pushed.Checksum,
            Reason = pushed.Reason,
        };
        foreach (var watcher in watchers)
            watcher.OnChange(change);
    }

    private readonly record struct BatchEntry(object Target, Refusal? Refusal, int Push, Entity? LookedAt);
}

/// <summary>A change on its way to the watchers that were there when it was made.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
internal struct PushedChange
{
    public EntityKey Key;
    public long Version;

    /// <summary>Where in the segment the delta lies.</summary>
    public int DeltaOffset;
    public int DeltaLength;

    /// <summary>The delta, when no record holds it.</summary>
    public byte[]? OwnDelta;
    public Guid Writer;
    public long Request;
    public int Mutation;
    public bool IsAsAsked;
    public bool Removed;
    public uint? Checksum;
    public string? Reason;
}

/// <summary>Something that happens once what it builds on is durable.</summary>
internal abstract class Effect
{
    /// <summary>The entity whose state it tells, if it changes nothing: it comes true also when the commit is given up, unless that was dropped.</summary>
    public Entity? LookedAt { get; init; }

    public abstract void Run();

    /// <summary>What it builds on was given up.</summary>
    public abstract void Fail(Refusal refusal);
}
