using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Serving;

/// <summary>A reading that came over a link.</summary>
internal sealed class ServedReading(ServedLink link, ulong id) : EntityReading
{
    protected internal override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
    {
        if (refusal is not null)
            link.Refuse(id, refusal);
        else if (!link.TrySend(id, new PeerMessage { Snapshot = WireWatches.Of(snapshot) }))
            link.RefuseAsFull(id);
    }
}

/// <summary>A listing of versions that came over a link.</summary>
internal sealed class ServedListing(ServedLink link, ulong id) : VersionListing
{
    public static ServedListing Create(ServedLink link, ulong id, PeerListing listing) => new(link, id)
    {
        Key = new EntityKey(listing.Kind, listing.Id),
        FromVersion = listing.FromVersion,
        ToVersion = listing.ToVersion,
        From = listing.HasFrom ? WireValues.ReadTime(listing.From) : null,
        Until = listing.HasUntil ? WireValues.ReadTime(listing.Until) : null,
        IsOldestFirst = listing.OldestFirst,
        Limit = listing.Limit,
        Position = new VersionPosition(listing.PositionVersion, listing.PositionSequence),
    };

    protected internal override void Completed(VersionPage? page, Refusal? refusal)
    {
        if (page is null)
            link.Refuse(id, refusal!);
        else if (!link.TrySend(id, new PeerMessage { VersionPage = WireReadings.Of(page) }))
            link.RefuseAsFull(id);
    }
}

/// <summary>A scan that came over a link.</summary>
internal sealed class ServedScan(ServedLink link, ulong id) : EntityScan
{
    public static ServedScan Create(ServedLink link, ulong id, PeerScan scan) => new(link, id)
    {
        Key = new EntityKey(scan.Kind, scan.After),
        Shard = scan.Shard,
        Limit = scan.Limit,
        WithDocuments = scan.Documents,
        WithRemoved = scan.Removed,
    };

    protected internal override void Completed(ScanPage? page, Refusal? refusal)
    {
        if (page is null)
            link.Refuse(id, refusal!, Shard);
        else if (!link.TrySend(id, new PeerMessage { ScanPage = WireScans.Of(page) }))
            link.RefuseAsFull(id);
    }
}
