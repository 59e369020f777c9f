using Savepoint.Documents;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Streams.Authorization;

/// <summary>
/// What somebody may see of the documents of a kind: takes hidden paths out of documents and deltas. A map of which some part may be seen is seen as a map,
/// with that part. A filtered delta, applied to the filtered document, gives the filtered new document, byte for byte. May be used by several threads at once.
/// </summary>
public sealed class PathFilter
{
    private readonly FilterNode _root;

    internal PathFilter(FilterNode root) => _root = root;

    /// <summary>Whether nothing at all may be seen.</summary>
    internal bool HidesAll => _root is { IsVisible: false, IsMixed: false };

    /// <summary>Takes what is hidden out of a document.</summary>
    /// <param name="canonical">The canonical encoding of a document.</param>
    /// <returns>The canonical encoding of its visible part.</returns>
    public byte[] Apply(ReadOnlySpan<byte> canonical)
    {
        var document = Document.Decode(canonical, Widest.Limits);
        Apply(document);
        return document.ToBytes();
    }

    /// <summary>Takes what is hidden out of a document.</summary>
    /// <param name="document">The document, which is changed.</param>
    public void Apply(Document document)
    {
        var hidden = new DeltaWriter();
        Hide(_root, document.Root, Path.Root, hidden);
        Delta.Apply(document, hidden.WrittenSpan, Widest.Limits);
    }

    /// <summary>Takes what is hidden out of a delta.</summary>
    /// <param name="delta">The delta of a committed change.</param>
    /// <param name="visible">The visible part of the document before the change; null when it is not known, which costs a few bytes more in some deltas.</param>
    /// <param name="destination">Takes the visible operations, behind those that it has.</param>
    public void Apply(ReadOnlySpan<byte> delta, Document? visible, DeltaWriter destination)
    {
        var before = destination.OperationCount;
        foreach (var operation in new DeltaReader(delta))
        {
            // What was known of the document holds until the first operation changes it.
            Apply(operation, destination.OperationCount == before ? visible : null, destination);
        }
    }

    private void Apply(Operation operation, Document? visible, DeltaWriter destination)
    {
        var (node, depth) = (_root, 0);
        foreach (var segment in operation.Path)
        {
            var child = segment.IsIndex ? null : node.Find(segment.Utf8Key);
            if (child is null)
                break;
            (node, depth) = (child, depth + 1);
        }

        if (node.IsMixed && depth == operation.Path.Count)
            ApplyMixed(operation, node, visible, destination);
        else if (node.IsVisible)
            destination.Append(operation);
        else
            KeepWay(operation, node.IsMixed && !IsIndexAt(operation.Path, depth) ? depth + 1 : depth, visible, destination);
    }

    /// <summary>An operation on a map of which a part is hidden, or on what may become one.</summary>
    private static void ApplyMixed(Operation operation, FilterNode node, Document? visible, DeltaWriter destination)
    {
        if (operation.Kind is OperationKind.Set && operation.GetValue().TryGetMap(out var map))
        {
            var part = new Document(map, Widest.Limits);
            var hidden = new DeltaWriter();
            Hide(node, part.Root, Path.Root, hidden);
            Delta.Apply(part, hidden.WrittenSpan, Widest.Limits);
            destination.Set(operation.Path.ToPath(), part.Root);
        }
        else if (node.IsVisible || operation.Kind is OperationKind.Remove or OperationKind.Clear)
        {
            destination.Append(operation);
        }
        else if (operation.Kind == OperationKind.Set)
        {
            // A value takes the place of what may have been a map, which was seen.
            TakeOut(operation.Path.ToPath(), destination);
        }
        else
        {
            KeepWay(operation, operation.Path.Count, visible, destination);
        }
    }

    /// <summary>An operation on something hidden makes missing maps on the way to it, and these are seen.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="hiddenFrom">The number of segments from which on nothing of its path is seen.</param>
    /// <param name="visible">The visible part before it, if it is known.</param>
    /// <param name="destination">Takes what makes the maps.</param>
    private static void KeepWay(Operation operation, int hiddenFrom, Document? visible, DeltaWriter destination)
    {
        if (operation.Kind is not (OperationKind.Set or OperationKind.Increment) || hiddenFrom <= 1)
            return;
        var path = operation.Path.ToPath();
        while (path.Count > hiddenFrom)
            path = path.Parent;
        if (visible is null || !visible.TryGet(path.Parent, out _))
            TakeOut(path, destination);
    }

    /// <summary>Leaves nothing at a path, and maps on the way to it.</summary>
    private static void TakeOut(Path path, DeltaWriter destination)
    {
        destination.Set(path, false);
        destination.Remove(path);
    }

    private static void Hide(FilterNode node, MapValue map, Path path, DeltaWriter hidden)
    {
        foreach (var (key, value) in map)
        {
            var child = node.Find(key);
            if (child is { IsMixed: true } && value.TryGetMap(out var below))
                Hide(child, below, path.Child(key), hidden);
            else if (!(child ?? node).IsVisible)
                hidden.Remove(path.Child(key));
        }
    }

    private static bool IsIndexAt(EncodedPath path, int index)
    {
        foreach (var segment in path)
        {
            if (index-- == 0)
                return segment.IsIndex;
        }

        return false;
    }
}
