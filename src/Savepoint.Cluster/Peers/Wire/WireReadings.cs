using Savepoint.Engine.Reading;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Wire;

/// <summary>Readings, listings of versions and their answers as they are sent.</summary>
internal static class WireReadings
{
    public static PeerReading Of(EntityReading reading) => new() { Kind = reading.Key.Kind, Id = reading.Key.Id, Version = reading.Version, Supplement = reading.WithSupplement };

    public static PeerListing Of(VersionListing listing)
    {
        var sent = new PeerListing
        {
            Kind = listing.Key.Kind,
            Id = listing.Key.Id,
            FromVersion = listing.FromVersion,
            ToVersion = listing.ToVersion,
            OldestFirst = listing.IsOldestFirst,
            Limit = listing.Limit,
            PositionVersion = listing.Position.Version,
            PositionSequence = listing.Position.Sequence,
        };
        if (listing.From is { } from)
            sent.From = from.UtcTicks;
        if (listing.Until is { } until)
            sent.Until = until.UtcTicks;
        return sent;
    }

    public static PeerVersionPage Of(VersionPage page)
    {
        var sent = new PeerVersionPage
        {
            HasNext = page.Next is not null,
            NextVersion = page.Next?.Version ?? 0,
            NextSequence = page.Next?.Sequence ?? 0,
        };
        sent.Versions.Add(page.Versions.Select(Of));
        return sent;
    }

    public static VersionPage Read(PeerVersionPage sent) => new(
        [.. sent.Versions.Select(Read)], sent.HasNext ? new VersionPosition(sent.NextVersion, sent.NextSequence) : null);

    private static PeerVersion Of(VersionInfo version)
    {
        var sent = new PeerVersion
        {
            Version = version.Version,
            At = version.At.UtcTicks,
            Removal = version.IsRemoval,
            Readable = version.IsReadable,
            HasRecord = version.HasRecord,
            DeltaBytes = version.DeltaBytes,
        };
        if (version.Actor is not null)
            sent.Actor = version.Actor;
        if (version.Reason is not null)
            sent.Reason = version.Reason;
        if (version.CorrelationId is not null)
            sent.CorrelationId = version.CorrelationId;
        if (version.EventType is not null)
            sent.EventType = version.EventType;
        return sent;
    }

    private static VersionInfo Read(PeerVersion sent) => new(sent.Version, WireValues.ReadTime(sent.At))
    {
        IsRemoval = sent.Removal,
        IsReadable = sent.Readable,
        HasRecord = sent.HasRecord,
        DeltaBytes = sent.DeltaBytes,
        Actor = sent.HasActor ? sent.Actor : null,
        Reason = sent.HasReason ? sent.Reason : null,
        CorrelationId = sent.HasCorrelationId ? sent.CorrelationId : null,
        EventType = sent.HasEventType ? sent.EventType : null,
    };
}
