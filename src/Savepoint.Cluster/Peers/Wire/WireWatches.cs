using Google.Protobuf;
using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Watching;
using Savepoint.Protocol;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Wire;

/// <summary>States and changes as they are sent.</summary>
internal static class WireWatches
{
    public static PeerSnapshot Of(in EntitySnapshot snapshot)
    {
        var sent = new PeerSnapshot { Version = snapshot.Version, Resumed = snapshot.IsResumed };
        if (snapshot.Document is not null)
            sent.Document = WireValues.Of(snapshot.Document);
        if (snapshot.Session is { } session)
            sent.Session = new PeerHeldSession { Number = session.Number, Holder = session.Holder, Since = session.Since.UtcTicks };
        if (snapshot.Supplement is { } supplement)
            sent.Supplement = Of(supplement);
        return sent;
    }

    public static EntitySnapshot Read(PeerSnapshot? sent, EntityKey key) => new()
    {
        Key = key,
        Version = sent?.Version ?? 0,
        Document = sent is { HasDocument: true } ? sent.Document.ToByteArray() : null,
        IsResumed = sent?.Resumed ?? false,
        Session = sent?.Session is { } session ? new HeldSession(session.Number, session.Holder, WireValues.ReadTime(session.Since)) : null,
        Supplement = sent?.Supplement is { } supplement ? Read(supplement) : null,
    };

    public static PeerChange Of(in EntityChange change)
    {
        var sent = new PeerChange
        {
            Version = change.Version,
            Delta = ByteString.CopyFrom(change.Delta),
            Writer = IdBytes.Of(change.Writer),
            Request = change.Request,
            Mutation = change.Mutation,
            AsAsked = change.IsAsAsked,
            Removed = change.Removed,
        };
        if (change.Checksum is { } checksum)
            sent.Checksum = checksum;
        if (change.Reason is not null)
            sent.Reason = change.Reason;
        return sent;
    }

    public static EntityChange Read(PeerChange sent, EntityKey key) => new()
    {
        Key = key,
        Version = sent.Version,
        Delta = sent.Delta.Span,
        Writer = IdBytes.Read(sent.Writer),
        Request = sent.Request,
        Mutation = sent.Mutation,
        IsAsAsked = sent.AsAsked,
        Removed = sent.Removed,
        Checksum = sent.HasChecksum ? sent.Checksum : null,
        Reason = sent.HasReason ? sent.Reason : null,
    };

    private static PeerSupplement Of(EntitySupplement supplement)
    {
        var sent = new PeerSupplement
        {
            Session = supplement.Session,
            Active = supplement.IsActive,
            Holder = supplement.Holder,
            Since = supplement.Since.UtcTicks,
        };
        sent.Messages.Add(supplement.Messages.Select(WireSessions.Of));
        return sent;
    }

    private static EntitySupplement Read(PeerSupplement sent) => new(
        sent.Session, sent.Active, sent.Holder, WireValues.ReadTime(sent.Since), [.. sent.Messages.Select(WireSessions.Read)]);
}
