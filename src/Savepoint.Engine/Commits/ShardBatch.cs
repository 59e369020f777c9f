using System.Diagnostics.CodeAnalysis;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Commits;

/// <summary>
/// What one shard has queued for the next commit: the segment's bytes, and what must happen once they are durable, in order.
/// Guarded by the shard's lock until it is cut; then the committer's alone.
/// </summary>
internal sealed class ShardBatch : IDisposable
{
    private readonly List<BatchEntry> _entries = [];
    private readonly List<PushedChange> _pushes = [];

    public SegmentWriter Records { get; } = new();

    public long FirstSequence { get; set; }

    public long LastSequence { get; set; }

    public bool IsEmpty => _entries.Count == 0 && Records.IsEmpty;

    public bool HasRecords => !Records.IsEmpty;

    public int Entries => _entries.Count;

    /// <summary>Units and effects whose outcome waits for this commit.</summary>
    public int Waiting { get; private set; }

    public void Complete(Unit unit, Refusal? refusal)
    {
        _entries.Add(new BatchEntry(unit, refusal, -1));
        Waiting++;
    }

    public void Then(Effect effect)
    {
        _entries.Add(new BatchEntry(effect, null, -1));
        Waiting++;
    }

    public void Push(Watcher[] watchers, in PushedChange change)
    {
        _entries.Add(new BatchEntry(watchers, null, _pushes.Count));
        _pushes.Add(change);
    }

    /// <summary>Gives out everything, in order, after the commit.</summary>
    public void Publish()
    {
        foreach (var entry in _entries)
        {
            switch (entry.Target)
            {
                case Unit unit:
                    unit.Completed(entry.Refusal);
                    break;
                case Effect effect:
                    effect.Run();
                    break;
                case Watcher[] watchers:
                    Deliver(watchers, _pushes[entry.Push]);
                    break;
            }
        }
    }

    /// <summary>Tells everyone that the commit was given up.</summary>
    public void Fail(Refusal refusal)
    {
        foreach (var entry in _entries)
        {
            switch (entry.Target)
            {
                case Unit unit:
                    unit.Completed(refusal);
                    break;
                case Effect effect:
                    effect.Fail(refusal);
                    break;
            }
        }
    }

    public void Clear()
    {
        Records.Clear();
        _entries.Clear();
        _pushes.Clear();
        Waiting = 0;
        FirstSequence = LastSequence = 0;
    }

    public void Dispose() => Records.Dispose();

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
            Removed = pushed.Removed,
            Checksum = pushed.Checksum,
            Reason = pushed.Reason,
        };
        foreach (var watcher in watchers)
            watcher.OnChange(change);
    }

    private readonly record struct BatchEntry(object Target, Refusal? Refusal, int Push);
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
    public bool Removed;
    public uint? Checksum;
    public string? Reason;
}

/// <summary>Something that happens once what it builds on is durable.</summary>
internal abstract class Effect
{
    public abstract void Run();

    /// <summary>What it builds on was given up.</summary>
    public abstract void Fail(Refusal refusal);
}
