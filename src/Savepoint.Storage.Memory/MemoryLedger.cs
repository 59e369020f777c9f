using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Memory;

/// <summary>Sums over the rows of the economy ledger.</summary>
internal static class MemoryLedger
{
    public static IReadOnlyList<LedgerRow> Query(IEnumerable<LedgerRow> rows, LedgerQuery query) =>
    [
        .. rows
            .Where(row => row.Day >= query.From && row.Day <= query.To)
            .Where(row => (query.Kind ?? row.Kind) == row.Kind && (query.Path ?? row.Path) == row.Path && (query.Reason ?? row.Reason) == row.Reason)
            .Where(row => query.After is not { } after || Compare(row, after) > 0)
            .GroupBy(row => (row.Day, row.Kind, row.Path, row.Reason))
            .Select(rows => rows.Aggregate((one, other) => one.Plus(other)))
            .Order(Comparer<LedgerRow>.Create(Compare))
            .Take(query.Limit),
    ];

    private static int Compare(LedgerRow left, LedgerRow right)
    {
        var order = left.Day.CompareTo(right.Day);
        if (order == 0) order = string.CompareOrdinal(left.Kind, right.Kind);
        if (order == 0) order = string.CompareOrdinal(left.Path, right.Path);
        return order != 0 ? order : string.CompareOrdinal(left.Reason, right.Reason);
    }
}
