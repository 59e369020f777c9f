using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Protocol;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Wire;

/// <summary>Openings of sessions, their answers and messages as they are sent.</summary>
internal static class WireSessions
{
    /// <param name="holder">Who opens it.</param>
    /// <param name="waitTimeout">What is left of its time.</param>
    /// <param name="replaces">The opening on the same link whose place it takes; 0 for none.</param>
    public static PeerOpening Of(SessionHolder holder, TimeSpan waitTimeout, ulong replaces) => new()
    {
        Kind = holder.Key.Kind,
        Id = holder.Key.Id,
        FromVersion = holder.FromVersion,
        Name = holder.Name,
        Writer = IdBytes.Of(holder.Writer),
        Request = holder.Request,
        ReceivedThrough = holder.ReceivedThrough,
        Policy = holder.Policy switch
        {
            SessionConflictPolicy.Wait => PeerOpening.Types.Policy.Wait,
            SessionConflictPolicy.Steal => PeerOpening.Types.Policy.Steal,
            SessionConflictPolicy.Fail => PeerOpening.Types.Policy.Fail,
            _ => PeerOpening.Types.Policy.Unspecified,
        },
        WaitTimeout = waitTimeout.Ticks,
        Template = WireValues.Of(holder.Template),
        Resume = holder.Resume,
        Replaces = replaces,
        OnlyIfHeld = holder.OnlyIfHeld,
    };

    public static SessionConflictPolicy Read(PeerOpening.Types.Policy policy) => policy switch
    {
        PeerOpening.Types.Policy.Wait => SessionConflictPolicy.Wait,
        PeerOpening.Types.Policy.Steal => SessionConflictPolicy.Steal,
        PeerOpening.Types.Policy.Fail => SessionConflictPolicy.Fail,
        _ => throw new InvalidDataException("This policy is not known."),
    };

    public static PeerOpened Of(in SessionOpening opening)
    {
        var sent = new PeerOpened
        {
            Session = opening.Session,
            HeldSince = opening.HeldSince.UtcTicks,
            Resumed = opening.Resumed,
            Created = opening.Created,
            Snapshot = WireWatches.Of(opening.Snapshot),
        };
        if (opening.HeldBy is not null)
            sent.HeldBy = opening.HeldBy;
        foreach (var message in opening.Messages ?? [])
            sent.Messages.Add(Of(message));
        return sent;
    }

    public static SessionOpening Read(PeerOpened sent, EntityKey key) => new()
    {
        Session = sent.Session,
        HeldBy = sent.HasHeldBy ? sent.HeldBy : null,
        HeldSince = WireValues.ReadTime(sent.HeldSince),
        Resumed = sent.Resumed,
        Created = sent.Created,
        Snapshot = WireWatches.Read(sent.Snapshot, key),
        Messages = [.. sent.Messages.Select(Read)],
    };

    public static PeerEntityMessage Of(EntityMessage message) => new()
    {
        Id = message.Id,
        Body = WireValues.Of(message.Body),
        Sender = message.Sender,
        SentAt = message.SentAt.UtcTicks,
    };

    public static EntityMessage Read(PeerEntityMessage sent) => new(sent.Id, sent.Body.Memory, sent.Sender, WireValues.ReadTime(sent.SentAt));
}
