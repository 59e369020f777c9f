using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Links;

/// <summary>Something that waits for messages from another node: for one answer, or also for what follows it.</summary>
internal abstract class LinkRequest
{
    /// <summary>The link that it is on; null while it is on none. Set by the link under its gate.</summary>
    public PeerLink? Link { get; set; }

    /// <summary>Its number on the link.</summary>
    public ulong Id { get; set; }

    /// <summary>Whether the first message has come.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Whether it overtakes what is no call.</summary>
    public virtual bool IsUrgent => false;

    /// <summary>The message that asks for it. Called under the link's gate.</summary>
    public abstract PeerMessage Write();

    /// <summary>Whether nothing follows behind a message.</summary>
    public virtual bool EndsWith(PeerMessage message) => true;

    /// <summary>Takes a message for it, in order.</summary>
    /// <exception cref="InvalidDataException">It can't be read; the link ends.</exception>
    public abstract void Take(PeerMessage message);

    /// <summary>The link has ended, and nothing more comes.</summary>
    /// <param name="mayHaveArrived">Whether the other node may have got the request.</param>
    /// <param name="reason">Why it has ended.</param>
    public abstract void Broken(bool mayHaveArrived, string reason);

    /// <summary>It is on its link no more.</summary>
    public void Reset() => (Link, Id, IsAnswered) = (null, 0, false);
}
