using Savepoint.Cluster.Peers.Links;
using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Routing;

/// <summary>A client's request on its way to the owner of its shard, wherever that is by now.</summary>
internal abstract class RoutedRequest(RoutedEngine router, int shard) : LinkRequest
{
    public int Shard => shard;

    /// <summary>When it has waited for an owner for too long, as a timestamp; 0 while it never waited.</summary>
    public long Deadline { get; set; }

    /// <summary>When it was last given to an engine, as a timestamp.</summary>
    public long SentAt { get; set; }

    /// <summary>How often it has come back.</summary>
    public int Returns { get; set; }

    /// <summary>Whether it may have been carried out by an owner that could not say so.</summary>
    public bool MayHaveHappened { get; set; }

    /// <summary>Who numbers it; empty when it has no number, or its order counts for nothing.</summary>
    public virtual Guid Writer => Guid.Empty;

    /// <summary>Its place among the requests of its writer.</summary>
    public virtual long Order => 0;

    /// <summary>Whether it can be sent once more although it may have been carried out.</summary>
    public abstract bool IsRepeatable { get; }

    /// <summary>Whether nobody waits for it any more.</summary>
    public virtual bool IsGone => false;

    protected RoutedEngine Router => router;

    /// <summary>Gives it to the engine of this node.</summary>
    public abstract void SubmitTo(StateEngine engine);

    /// <summary>Refuses it for good.</summary>
    public abstract void Refuse(Refusal refusal);

    public override void Broken(bool mayHaveArrived, string reason)
    {
        if (!mayHaveArrived || IsRepeatable)
        {
            MayHaveHappened |= mayHaveArrived;
            router.Return(this);
        }
        else
        {
            Refuse(new Refusal(RefusalCode.OutcomeUnknown) { Detail = reason });
        }
    }

    public sealed override void Take(PeerMessage message)
    {
        if (message.BodyCase == PeerMessage.BodyOneofCase.Refusal)
            TakeRefusal(message.Refusal);
        else
            TakeAnswer(message);
    }

    protected abstract void TakeAnswer(PeerMessage message);

    protected static InvalidDataException Unexpected(PeerMessage message) => new($"An answer of the type {message.BodyCase} was not expected.");

    private void TakeRefusal(PeerRefusal sent)
    {
        router.Learn(sent);
        var refusal = WireRefusals.Read(sent);
        if (!router.TryReturn(this, refusal))
            Refuse(refusal);
    }
}
