namespace Savepoint.Client;

/// <summary>
/// The changes that lead from one state of a document to another, for when it was rebuilt rather than changed step by step: after a rebase, a
/// snapshot or a refusal.
/// </summary>
internal static class DocumentDiff
{
    public static List<DocumentChange> Between(Document before, Document after, ChangeOrigin origin)
    {
        var changes = new List<DocumentChange>();
        Compare(Path.Root, before.Root, after.Root, origin, changes);
        return changes;
    }

    /// <summary>The changes below a path whose value, as a whole, went from one to another; either may be absent.</summary>
    public static List<DocumentChange> Between(Path path, Value before, Value after, ChangeOrigin origin)
    {
        var changes = new List<DocumentChange>();
        var empty = new MapValue();
        Compare(path, before.TryGetMap(out var old) ? old : empty, after.TryGetMap(out var now) ? now : empty, origin, changes);
        return changes;
    }

    // Both maps are sorted by key.
    private static void Compare(Path path, MapValue before, MapValue after, ChangeOrigin origin, List<DocumentChange> changes)
    {
        int i = 0, j = 0;
        while (i < before.Count || j < after.Count)
        {
            var order = i == before.Count ? 1 : j == after.Count ? -1 : string.CompareOrdinal(before.KeyAt(i), after.KeyAt(j));
            if (order < 0)
                changes.Add(new DocumentChange(path.Child(before.KeyAt(i)), ChangeKind.Remove, before.ValueAt(i), default, origin));
            else if (order > 0)
                changes.Add(new DocumentChange(path.Child(after.KeyAt(j)), ChangeKind.Add, default, after.ValueAt(j).DeepClone(), origin));
            else
                Compare(path, before.KeyAt(i), before.ValueAt(i), after.ValueAt(j), origin, changes);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
    }

    private static void Compare(Path parent, string key, Value before, Value after, ChangeOrigin origin, List<DocumentChange> changes)
    {
        if (before == after)
            return;
        var path = parent.Child(key);
        if (before.TryGetMap(out var oldMap) && after.TryGetMap(out var newMap))
            Compare(path, oldMap, newMap, origin, changes);
        else if (before.TryGetList(out var oldList) && after.TryGetList(out var newList))
            Compare(path, oldList, newList, origin, changes);
        else
            changes.Add(new DocumentChange(path, ChangeKind.Set, before, after.DeepClone(), origin));
    }

    private static void Compare(Path path, ListValue before, ListValue after, ChangeOrigin origin, List<DocumentChange> changes)
    {
        var start = 0;
        while (start < before.Count && start < after.Count && before[start] == after[start])
            start++;
        int oldEnd = before.Count, newEnd = after.Count;
        while (oldEnd > start && newEnd > start && before[oldEnd - 1] == after[newEnd - 1])
            (oldEnd, newEnd) = (oldEnd - 1, newEnd - 1);

        var common = Math.Min(oldEnd, newEnd);
        for (var i = start; i < common; i++)
            changes.Add(new DocumentChange(path.Child(i), ChangeKind.Set, before[i], after[i].DeepClone(), origin));
        for (var i = oldEnd - 1; i >= common; i--)
            changes.Add(new DocumentChange(path.Child(i), ChangeKind.Remove, before[i], default, origin));
        for (var i = common; i < newEnd; i++)
            changes.Add(new DocumentChange(path.Child(i), ChangeKind.Insert, default, after[i].DeepClone(), origin));
    }
}
