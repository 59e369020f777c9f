using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Routing;

/// <summary>A reading, a listing of versions or a scan on its way to the owner of its shard.</summary>
internal sealed class RoutedLookup(RoutedEngine router, int shard, EntityLookup lookup) : RoutedRequest(router, shard)
{
    public override bool IsRepeatable => true;

    public override void SubmitTo(StateEngine engine)
    {
        lookup.Route = this;
        engine.Read(lookup);
    }

    public override void Refuse(Refusal refusal) => lookup.AnswerWith(refusal with { Key = lookup is EntityScan ? default : lookup.Key });

    public override PeerMessage Write() => lookup switch
    {
        EntityReading reading => new PeerMessage { Reading = WireReadings.Of(reading) },
        EntityScan scan => new PeerMessage { Scan = WireScans.Of(scan) },
        _ => new PeerMessage { Listing = WireReadings.Of((VersionListing)lookup) },
    };

    protected override void TakeAnswer(PeerMessage message)
    {
        if (lookup is EntityReading reading && message.BodyCase == PeerMessage.BodyOneofCase.Snapshot)
        {
            reading.Completed(WireWatches.Read(message.Snapshot, lookup.Key), null);
        }
        else if (lookup is VersionListing listing && message.BodyCase == PeerMessage.BodyOneofCase.VersionPage)
        {
            listing.Completed(WireReadings.Read(message.VersionPage), null);
        }
        else if (lookup is EntityScan scan && message.BodyCase == PeerMessage.BodyOneofCase.ScanPage)
        {
            scan.Completed(WireScans.Read(message.ScanPage, scan.Key.Kind), null);
        }
        else
        {
            Refuse(new Refusal(RefusalCode.Internal));
            throw Unexpected(message);
        }
    }
}
