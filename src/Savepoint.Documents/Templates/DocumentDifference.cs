namespace Savepoint.Documents;

/// <summary>Finds where two documents differ, so that people can be told.</summary>
public static class DocumentDifference
{
    /// <summary>The first path at which two documents differ: in the order of keys, and below maps that both have.</summary>
    /// <param name="one">One document.</param>
    /// <param name="other">The other.</param>
    /// <returns>The path; null when both are equal.</returns>
    public static Path? First(Document one, Document other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return First(one.Root, other.Root, Path.Root);
    }

    private static Path? First(MapValue one, MapValue other, Path path)
    {
        var (i, j) = (0, 0);
        while (i < one.Count || j < other.Count)
        {
            var order = i == one.Count ? 1 : j == other.Count ? -1 : string.CompareOrdinal(one.KeyAt(i), other.KeyAt(j));
            if (order != 0)
                return path.Child(order < 0 ? one.KeyAt(i) : other.KeyAt(j));
            if (First(one.ValueAt(i), other.ValueAt(j), path.Child(one.KeyAt(i))) is { } found)
                return found;
            i++;
            j++;
        }

        return null;
    }

    private static Path? First(Value one, Value other, Path path)
    {
        if (one.TryGetMap(out var map) && other.TryGetMap(out var otherMap))
            return First(map, otherMap, path);
        return one == other ? null : path;
    }
}
