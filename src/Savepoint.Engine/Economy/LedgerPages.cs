using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Economy;

/// <summary>Puts together what several databases say.</summary>
internal static class LedgerPages
{
    /// <summary>The order of a query: by day, kind, path and reason.</summary>
    private static readonly Comparer<LedgerRow> ByKey = Comparer<LedgerRow>.Create(static (left, right) =>
    {
        var order = left.Day.CompareTo(right.Day);
        if (order == 0)
            order = string.CompareOrdinal(left.Kind, right.Kind);
        if (order == 0)
            order = string.CompareOrdinal(left.Path, right.Path);
        return order != 0 ? order : string.CompareOrdinal(left.Reason, right.Reason);
    });

    public static IReadOnlyList<LedgerRow> Merge(List<LedgerRow> rows, int limit)
    {
        rows.Sort(ByKey);
        var merged = new List<LedgerRow>(rows.Count);
        foreach (var row in rows)
        {
            if (merged is [.., { } last] && last.IsOfSame(row))
                merged[^1] = last.Plus(row);
            else if (merged.Count == limit)
                break;
            else
                merged.Add(row);
        }

        return merged;
    }
}
