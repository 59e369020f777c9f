using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Reading;

/// <summary>Makes a page of what the store holds and of what is newer in memory.</summary>
internal sealed class PageMerge(EntityScan scan, EntityRange range)
{
    private readonly List<ScannedEntity> _page = [];
    private long _bytes;

    public ScanPage Merge(IReadOnlyList<ListedEntity> stored, ChangedEntities changed)
    {
        var end = Nearer(EndOf(stored), changed.End);
        for (int i = 0, j = 0; i < stored.Count || j < changed.Rows.Count;)
        {
            var order = i == stored.Count ? 1 : j == changed.Rows.Count ? -1 : IdOrder.Compare(stored[i].Key.Id, changed.Rows[j].Key.Id);
            var row = order switch
            {
                < 0 => stored[i++],
                > 0 => changed.Rows[j++],
                _ => Newer(stored[i++], changed.Rows[j++]),
            };
            if (end is not null && IdOrder.Compare(row.Key.Id, end) > 0)
                break;
            if (_page.Count == scan.Limit || _bytes >= EntityScan.MaxDocumentBytes)
                return new ScanPage(_page, _page[^1].Key.Id);
            Add(row);
        }

        return new ScanPage(_page, end);
    }

    private void Add(ListedEntity row)
    {
        if (!row.Exists && row.QuarantineError is null && !scan.WithRemoved)
            return;
        _page.Add(new ScannedEntity(row.Key, row.Version, row.Exists) { Document = row.QuarantineError is null ? row.Document : null, QuarantineError = row.QuarantineError });
        _bytes += row.Document?.Length ?? 0;
    }

    private string? EndOf(IReadOnlyList<ListedEntity> stored)
    {
        var isFull = stored.Count == range.Limit || (range.DocumentBytes > 0 && stored.Sum(row => (long)(row.Document?.Length ?? 0)) >= range.DocumentBytes);
        return isFull ? stored[^1].Key.Id : null;
    }

    private static string? Nearer(string? one, string? other)
    {
        if (one is null || other is null)
            return one ?? other;
        return IdOrder.Compare(one, other) < 0 ? one : other;
    }

    private static ListedEntity Newer(ListedEntity stored, ListedEntity changed) => stored.Sequence > changed.Sequence ? stored : changed;
}
