using Google.Protobuf;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Links;

/// <summary>The versions of the protocol, and its first frames.</summary>
internal static class PeerProtocol
{
    public const uint MinVersion = 1;
    public const uint MaxVersion = 1;

    /// <summary>The highest version that this node speaks and another, too; 0 when there is none.</summary>
    public static uint Agree(uint theirMin, uint theirMax)
    {
        var version = Math.Min(MaxVersion, theirMax);
        return version >= Math.Max(MinVersion, theirMin) ? version : 0;
    }

    public static ValueTask SendAsync(IFrameDuplex duplex, PeerMessage message, CancellationToken cancellationToken) =>
        duplex.SendAsync(new PeerFrame { Messages = { message } }.ToByteArray(), cancellationToken);

    /// <summary>Receives a frame that holds one message.</summary>
    /// <exception cref="IOException">Nothing comes any more.</exception>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static async ValueTask<PeerMessage> ReceiveAsync(IFrameDuplex duplex, CancellationToken cancellationToken)
    {
        var frame = await duplex.ReceiveAsync(cancellationToken) ?? throw new IOException("The other node has closed the link.");
        var parsed = PeerFrame.Parser.ParseFrom(frame.Span);
        return parsed.Messages.Count == 1 ? parsed.Messages[0] : throw new InvalidDataException("The first frame holds one message.");
    }

    /// <summary>Whether a link ends with this as links do: the connection broke or was closed, or the other side sends what is none of the protocol.</summary>
    public static bool IsLinkFailure(Exception exception) => exception is IOException or OperationCanceledException or ObjectDisposedException
        or TimeoutException or FrameTooLargeException or InvalidProtocolBufferException or InvalidDataException;
}
