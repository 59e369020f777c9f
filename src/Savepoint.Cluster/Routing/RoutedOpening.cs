using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Routing;

/// <summary>The opening of a session on its way to the owner of its entity's shard, and the session at it.</summary>
internal sealed class RoutedOpening(RoutedEngine router, int shard, SessionHolder holder) : RoutedWatch(router, shard, holder)
{
    private readonly long _since = router.Now;

    public override Guid Writer => holder.Writer;

    public override long Order => BatchPart.OrderOf(holder.Request);

    public override bool IsRepeatable => holder.Resume != 0 || (holder.Writer != Guid.Empty && holder.Request > 0);

    public override void SubmitTo(StateEngine engine) => engine.OpenSession(holder);

    public override PeerMessage Write()
    {
        var left = holder.WaitTimeout - Router.Since(_since);
        var former = FormerRoute is { } route && route.Link == Link ? route.Id : 0;
        return new PeerMessage { Opening = WireSessions.Of(holder, left > TimeSpan.Zero ? left : TimeSpan.Zero, former) };
    }

    /// <summary>The holder's connection is gone.</summary>
    public override void Leave() => Link?.Leave(this, new PeerMessage { Disconnect = new PeerDisconnect() });

    public override bool EndsWith(PeerMessage message) => message.BodyCase switch
    {
        PeerMessage.BodyOneofCase.Opened => message.Opened.Session == 0,
        PeerMessage.BodyOneofCase.Ended => true,
        _ => base.EndsWith(message),
    };

    protected override void TakeAnswer(PeerMessage message)
    {
        switch (message.BodyCase)
        {
            case PeerMessage.BodyOneofCase.Opened:
                TakeOpened(message.Opened);
                break;
            case PeerMessage.BodyOneofCase.Requested:
                holder.OnRequested(message.Requested.Requester);
                break;
            case PeerMessage.BodyOneofCase.Ended:
                holder.IsStarted = false;
                if (message.Ended.OwnWish)
                    holder.OnReleased();
                else
                    holder.OnEnded((SessionEndReason)message.Ended.Reason, message.Ended.HasNewHolder ? message.Ended.NewHolder : null);
                break;
            case PeerMessage.BodyOneofCase.EntityMessage:
                holder.OnMessage(WireSessions.Read(message.EntityMessage));
                break;
            case PeerMessage.BodyOneofCase.Started:
                throw Unexpected(message);
            default:
                base.TakeAnswer(message);
                break;
        }
    }

    private RoutedOpening? FormerRoute => holder.Replaces?.Route as RoutedOpening;

    private void TakeOpened(PeerOpened opened)
    {
        if (opened.Session > 0)
        {
            // On the same link the owner has put this one in the former's place; elsewhere nothing is left of that but a name.
            if (FormerRoute is { Link: { } link } former)
                link.Leave(former, link == Link ? null : new PeerMessage { Disconnect = new PeerDisconnect() });
            holder.Replaces = null;
            holder.IsStarted = true;
        }

        holder.OnOpened(WireSessions.Read(opened, holder.Key));
    }
}
