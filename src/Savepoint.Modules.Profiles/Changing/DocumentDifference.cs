using Savepoint.Documents;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Profiles.Changing;

/// <summary>The delta between two documents. What is the same in both is not touched, so whoever replaces a document needs no rights to what it leaves.</summary>
internal static class DocumentDifference
{
    /// <summary>Writes what leads from one document to the other. Properties that the server keeps (<c>$…</c>) stay as they are.</summary>
    public static byte[] Between(Document before, Document after)
    {
        var delta = new DeltaWriter();
        Write(before.Root, after.Root, Path.Root, delta);
        return delta.ToArray();
    }

    private static void Write(MapValue before, MapValue after, Path path, DeltaWriter delta)
    {
        foreach (var (key, _) in before)
        {
            if (!after.ContainsKey(key) && !(path.IsRoot && key.StartsWith('$')))
                delta.Remove(path.Child(key));
        }

        foreach (var (key, value) in after)
        {
            if (!before.TryGet(key, out var present))
                delta.Set(path.Child(key), value);
            else if (present.TryGetMap(out var left) && value.TryGetMap(out var right))
                Write(left, right, path.Child(key), delta);
            else if (present != value)
                delta.Set(path.Child(key), value);
        }
    }
}
