using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Wire;

/// <summary>Scans and their answers as they are sent.</summary>
internal static class WireScans
{
    public static PeerScan Of(EntityScan scan) => new()
    {
        Shard = scan.Shard,
        Kind = scan.Key.Kind,
        After = scan.Key.Id,
        Limit = scan.Limit,
        Documents = scan.WithDocuments,
        Removed = scan.WithRemoved,
    };

    public static PeerScanPage Of(ScanPage page)
    {
        var sent = new PeerScanPage();
        if (page.Next is not null)
            sent.Next = page.Next;
        foreach (var entity in page.Entities)
        {
            var listed = new PeerScanned { Id = entity.Key.Id, Version = entity.Version, Exists = entity.Exists };
            if (entity.Document is { } document)
                listed.Document = WireValues.Of(document);
            if (entity.QuarantineError is not null)
                listed.Quarantine = entity.QuarantineError;
            sent.Entities.Add(listed);
        }

        return sent;
    }

    public static ScanPage Read(PeerScanPage sent, string kind) => new(
        [.. sent.Entities.Select(entity => new ScannedEntity(new EntityKey(kind, entity.Id), entity.Version, entity.Exists)
        {
            Document = entity.HasDocument ? entity.Document.Memory : (ReadOnlyMemory<byte>?)null,
            QuarantineError = entity.HasQuarantine ? entity.Quarantine : null,
        })],
        sent.HasNext ? sent.Next : null);
}
