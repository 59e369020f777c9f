using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Watching;
using Savepoint.Streams.Authorization;

namespace Savepoint.Streams.Watching;

/// <summary>
/// What a client sees of an entity of which a part is hidden from it. Keeps that part as the client has it, for its checksums; after a watch has resumed it is
/// not known until the next snapshot, and until then there are none. Under the connection's gate.
/// </summary>
internal sealed class WatchedPart(PathFilter filter)
{
    private readonly DeltaWriter _delta = new();
    private readonly UndoLog _undo = new();
    private Document? _visible;

    /// <summary>The visible part of the state that changes follow on.</summary>
    public EntitySnapshot Begin(in EntitySnapshot snapshot)
    {
        _visible = null;
        if (snapshot.IsResumed)
            return snapshot;
        _visible = snapshot.Document is null ? new Document() : Document.Decode(snapshot.Document, Widest.Limits);
        filter.Apply(_visible);
        return snapshot.Document is null ? snapshot : snapshot with { Document = _visible.ToBytes() };
    }

    /// <summary>The visible part of a change, valid until the next one.</summary>
    public EntityChange Take(in EntityChange change)
    {
        if (change.Removed)
        {
            _visible = new Document();
            return change;
        }

        _delta.Reset();
        filter.Apply(change.Delta, _visible, _delta);
        if (_visible is not null && Delta.TryApply(_visible, _delta.WrittenSpan, Widest.Limits, _undo) != DocumentError.None)
            _visible = null;
        _undo.Clear();
        return change with { Delta = _delta.WrittenSpan, Checksum = change.Checksum is null ? null : _visible?.Checksum() };
    }

    /// <summary>The client was not sent a change: what it has is not known any more.</summary>
    public void Forget() => _visible = null;
}
