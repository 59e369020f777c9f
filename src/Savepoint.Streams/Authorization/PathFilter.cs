using Savepoint.Documents;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Streams.Authorization;

/// <summary>
/// What somebody may see of the documents of a kind: takes hidden paths out of documents; <see cref="DeltaFilter"/> does it with deltas. A map of which some part
/// may be seen is seen as a map, with that part. May be used by several threads at once.
/// </summary>
public sealed class PathFilter
{
    internal PathFilter(FilterNode root) => Root = root;

    internal FilterNode Root { get; }

    /// <summary>Whether nothing at all may be seen.</summary>
    internal bool HidesAll => Root is { IsVisible: false, IsMixed: false };

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
    public void Apply(Document document) => Apply(Root, document);

    /// <summary>Takes what is hidden out of the map at a node.</summary>
    internal static MapValue Visible(FilterNode node, MapValue map)
    {
        var part = new Document(map, Widest.Limits);
        Apply(node, part);
        return part.Root;
    }

    private static void Apply(FilterNode node, Document document)
    {
        var hidden = new DeltaWriter();
        Hide(node, document.Root, Path.Root, hidden);
        Delta.Apply(document, hidden.WrittenSpan, Widest.Limits);
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
}
