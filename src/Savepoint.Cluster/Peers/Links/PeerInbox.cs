using System.Buffers;
using Google.Protobuf;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Links;

/// <summary>Takes frames apart, and puts the pieces of large messages together. Used by one flow.</summary>
internal sealed class PeerInbox(PeerOptions options)
{
    private readonly ArrayBufferWriter<byte>?[] _pieces = new ArrayBufferWriter<byte>?[2];

    /// <summary>Reads a frame.</summary>
    /// <exception cref="InvalidProtocolBufferException">It is none.</exception>
    /// <exception cref="InvalidDataException">A message is larger than may be.</exception>
    public void Read(ReadOnlyMemory<byte> frame, Action<PeerMessage> receive)
    {
        var parsed = PeerFrame.Parser.ParseFrom(frame.Span);
        foreach (var message in parsed.Messages)
            receive(message);
        if (parsed.Part is { } part)
            Join(part, receive);
    }

    private void Join(PeerPart part, Action<PeerMessage> receive)
    {
        ref var pieces = ref _pieces[part.Urgent ? 1 : 0];
        pieces ??= new ArrayBufferWriter<byte>(part.Data.Length * 2);
        if ((long)pieces.WrittenCount + part.Data.Length > options.MaxMessageBytes)
            throw new InvalidDataException($"A message is over the limit of {options.MaxMessageBytes} bytes.");
        pieces.Write(part.Data.Span);
        if (!part.Last)
            return;
        var whole = PeerMessage.Parser.ParseFrom(pieces.WrittenSpan);
        pieces = null;
        receive(whole);
    }
}
