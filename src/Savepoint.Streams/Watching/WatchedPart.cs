using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Watching;
using Savepoint.Streams.Authorization;

namespace Savepoint.Streams.Watching;

/// <summary>
/// What a client sees of an entity of which a part is hidden from it. Keeps that part at its last version, as the client has it, to tell what is seen of the next
/// change, and for its checksums. After a watch has resumed it is not known until the next snapshot, and until then there are no checksums. Under the connection's
/// gate.
/// </summary>
internal sealed class WatchedPart(PathFilter filter)
{
    private readonly DeltaFilter _deltas = new(filter);
    private readonly DeltaWriter _delta = new();
    private Document? _visible;
    private bool _hasMore;

    /// <summary>The visible part of the state that changes follow on.</summary>
    public EntitySnapshot Begin(in EntitySnapshot snapshot)
    {
        _visible = null;
        if (snapshot.IsResumed)
            return snapshot;
        _hasMore = false;
        _visible = snapshot.Document is null ? new Document() : Document.Decode(snapshot.Document, Widest.Limits);
        filter.Apply(_visible);
        return snapshot.Document is null ? snapshot : snapshot with { Document = _visible.ToBytes() };
    }

    /// <summary>The visible part of a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="isOwn">Whether the client takes its own delta for it, with what it wrote and may not see.</param>
    /// <param name="seen">Its visible part, valid until the next one.</param>
    /// <returns>False when it takes a snapshot to tell.</returns>
    public bool TryTake(in EntityChange change, bool isOwn, out EntityChange seen)
    {
        seen = change;
        if (change.Removed)
        {
            (_visible, _hasMore) = (new Document(), false);
            return true;
        }

        // Clients keep unversioned values apart, and so does the engine: a checksum is of what has a version.
        if (change.Version == 0)
            _deltas.ApplyUnversioned(change.Delta, _delta);
        else if (!_deltas.TryApply(change.Delta, _visible, _delta))
            return false;
        var isWhole = change.Delta.SequenceEqual(_delta.WrittenSpan);
        _hasMore |= isOwn && !isWhole;
        seen = change with
        {
            Delta = _delta.WrittenSpan,
            Checksum = change.Checksum is null || _hasMore ? null : _visible?.Checksum(),

            // The reason of what is hidden is hidden.
            Reason = isWhole ? change.Reason : null,
        };
        return true;
    }

    /// <summary>The client was not sent a change: what it has is not known any more.</summary>
    public void Forget() => _visible = null;
}
