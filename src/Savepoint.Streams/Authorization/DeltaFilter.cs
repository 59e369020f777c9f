using Savepoint.Documents;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Streams.Authorization;

/// <summary>
/// Takes what somebody may not see out of deltas. A filtered delta, applied to the filtered document, gives the filtered new document, byte for byte, and holds no
/// key of which nothing may be seen. Keep one: it keeps its memory. Not thread-safe.
/// </summary>
/// <param name="filter">What may be seen.</param>
public sealed class DeltaFilter(PathFilter filter)
{
    private readonly DeltaWriter _step = new();
    private readonly UndoLog _undo = new();

    /// <summary>Takes what is hidden out of the delta of a version, and takes the visible part on to that version.</summary>
    /// <param name="delta">The delta of a committed change.</param>
    /// <param name="visible">The visible part of the document before the change, which becomes the one after it; null when it is not known.</param>
    /// <param name="destination">Gets the visible operations, in place of what it has.</param>
    /// <returns>
    /// False when it takes a visible part that is not known to tell what is seen of the change, or when the one that is given is not that of the document. Then
    /// <paramref name="destination"/> and <paramref name="visible"/> are of no use.
    /// </returns>
    public bool TryApply(ReadOnlySpan<byte> delta, Document? visible, DeltaWriter destination)
    {
        destination.Reset();
        foreach (var operation in new DeltaReader(delta))
        {
            _step.Reset();
            if (!TryApply(operation, visible, isVersion: true))
                return false;
            if (_step.IsEmpty)
                continue;

            // What follows builds on this one.
            if (visible is not null && !TryStep(visible))
                return false;
            destination.Append(_step.WrittenSpan);
        }

        return true;
    }

    /// <summary>
    /// Takes what is hidden out of an unversioned delta. Of a map that nobody has seen, and of which only hidden parts are set, nothing is told until a version has it.
    /// </summary>
    /// <param name="delta">The delta of a change of Deferred or Transient properties.</param>
    /// <param name="destination">Gets the visible operations, in place of what it has.</param>
    public void ApplyUnversioned(ReadOnlySpan<byte> delta, DeltaWriter destination)
    {
        destination.Reset();
        foreach (var operation in new DeltaReader(delta))
        {
            _step.Reset();
            TryApply(operation, null, isVersion: false);
            destination.Append(_step.WrittenSpan);
        }
    }

    private bool TryStep(Document visible)
    {
        var error = Delta.TryApply(visible, _step.WrittenSpan, Widest.Limits, _undo);
        _undo.Clear();
        return error == DocumentError.None;
    }

    private bool TryApply(Operation operation, Document? visible, bool isVersion)
    {
        var (node, depth, isList) = (filter.Root, 0, false);
        foreach (var segment in operation.Path)
        {
            isList = segment.IsIndex;
            var child = isList ? null : node.Find(segment.Utf8Key);
            if (child is null)
                break;
            (node, depth) = (child, depth + 1);
        }

        if (node.IsMixed && depth == operation.Path.Count)
            return TryApplyMixed(operation, node, visible, isVersion);
        if (!node.IsVisible)
            return TryKeepWay(operation, node.IsMixed && !isList ? depth : depth - 1, visible, isVersion);
        _step.Append(operation);
        return true;
    }

    /// <summary>An operation on a map of which a part is hidden, or on what may become one.</summary>
    private bool TryApplyMixed(Operation operation, FilterNode node, Document? visible, bool isVersion)
    {
        if (operation.Kind is OperationKind.Set && operation.GetValue().TryGetMap(out var map))
            _step.Set(operation.Path.ToPath(), PathFilter.Visible(node, map));
        else if (node.IsVisible || operation.Kind is OperationKind.Remove or OperationKind.Clear)
            _step.Append(operation);
        else if (operation.Kind == OperationKind.Set)
            return TryTakeOut(operation, visible, isVersion);
        else
            return TryKeepWay(operation, operation.Path.Count - 1, visible, isVersion);
        return true;
    }

    /// <summary>A hidden value takes the place of what may have been a map, which was seen.</summary>
    private bool TryTakeOut(Operation operation, Document? visible, bool isVersion)
    {
        var path = operation.Path.ToPath();
        if (visible is not null && !visible.TryGet(path, out _))
            return TryKeepWay(operation, operation.Path.Count - 1, visible, isVersion);
        if (visible is null && isVersion)
            return false;
        _step.Remove(path);
        return true;
    }

    /// <summary>
    /// An operation on something hidden makes missing maps on the way to it, and these are seen: they are the ones of which a part may be seen. The last of them is
    /// set as an empty map where it is missing, which takes knowing that it is: no key below it could stand for a hidden one without naming it, or something else.
    /// </summary>
    /// <param name="operation">The operation.</param>
    /// <param name="length">The number of segments of its path that lead to the last map that is seen.</param>
    /// <param name="visible">The visible part before it, if it is known.</param>
    /// <param name="isVersion">Whether a version makes them.</param>
    private bool TryKeepWay(Operation operation, int length, Document? visible, bool isVersion)
    {
        if (operation.Kind is not (OperationKind.Set or OperationKind.Increment) || length < 1 || !isVersion)
            return true;
        if (visible is null)
            return false;
        var path = operation.Path.ToPath();
        while (path.Count > length)
            path = path.Parent;
        if (!visible.TryGet(path, out _))
            _step.Set(path, new MapBuilder().Build());
        return true;
    }
}
