using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Serving;

/// <summary>A session, or the wish for one, that came over a link.</summary>
internal sealed class ServedHolder(ServedLink link, ulong id) : SessionHolder
{
    private ulong _replaced;

    public static ServedHolder Create(ServedLink link, ulong id, PeerOpening opening, SessionHolder? former) => new(link, id)
    {
        Key = new EntityKey(opening.Kind, opening.Id),
        FromVersion = opening.FromVersion,
        Name = opening.Name,
        Writer = IdBytes.Read(opening.Writer),
        Request = opening.Request,
        ReceivedThrough = opening.ReceivedThrough,
        Policy = WireSessions.Read(opening.Policy),
        WaitTimeout = TimeSpan.FromTicks(opening.WaitTimeout),
        Template = opening.Template.Memory,
        Resume = opening.Resume,
        OnlyIfHeld = opening.OnlyIfHeld,
        Replaces = former,
        _replaced = opening.Replaces,
    };

    protected internal override void OnOpened(in SessionOpening opening)
    {
        if (opening.Refusal is { } refusal)
        {
            if (link.Forget(id))
                link.Refuse(id, refusal);
            return;
        }

        var opened = new PeerMessage { Opened = WireSessions.Of(opening) };
        if (opening.Session == 0)
        {
            if (link.Forget(id))
                link.Send(id, opened);
            return;
        }

        link.Forget(_replaced);
        if (!link.TrySend(id, opened))
            link.GiveUp(id, this);
    }

    protected internal override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal)
    {
        // The opening has said all of it.
    }

    protected internal override void OnChange(in EntityChange change)
    {
        if (!IsGone && !link.TrySendChange(id, change))
            link.Lose(id, this);
    }

    protected internal override void OnLost()
    {
        if (link.Forget(id))
            link.Send(id, new PeerMessage { Lost = new PeerLost() });
    }

    protected internal override void OnRequested(string requester) =>
        link.Send(id, new PeerMessage { Requested = new PeerRequested { Requester = requester } });

    protected internal override void OnEnded(SessionEndReason reason, string? newHolder)
    {
        if (!link.Forget(id))
            return;
        var ended = new PeerEnded { Reason = (uint)reason };
        if (newHolder is not null)
            ended.NewHolder = newHolder;
        link.Send(id, new PeerMessage { Ended = ended });
    }

    protected internal override void OnReleased()
    {
        if (link.Forget(id))
            link.Send(id, new PeerMessage { Ended = new PeerEnded { Reason = (uint)SessionEndReason.Ended, OwnWish = true } });
    }

    protected internal override void OnMessage(EntityMessage message) =>
        link.Send(id, new PeerMessage { EntityMessage = WireSessions.Of(message) });
}
