using System.Buffers;
using Google.Protobuf;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Links;

/// <summary>Messages that wait to be sent in order, encoded into the frames that they will go in. Under the outbox's gate.</summary>
internal sealed class FrameLane(bool isUrgent, int maxFrameBytes)
{
    private const int FirstChunkBytes = 1 << 10;

    // What a piece needs beside its data.
    private const int PieceOverhead = 32;

    private readonly Queue<FrameBytes> _full = new();
    private FrameBytes? _open;

    /// <summary>What a message takes in a frame.</summary>
    public static int Measure(int messageBytes) => 1 + CodedOutputStream.ComputeLengthSize(messageBytes) + messageBytes;

    public void Add(PeerMessage message, int messageBytes)
    {
        var bytes = Measure(messageBytes);
        if (bytes > maxFrameBytes)
        {
            AddInPieces(message, messageBytes);
            return;
        }

        if (_open is not null && _open.Length + bytes > maxFrameBytes)
            CloseFrame();
        _open ??= new FrameBytes(Math.Max(bytes, FirstChunkBytes));
        Write(_open.Append(bytes), message, messageBytes);
    }

    public bool TryTake(out FrameBytes frame)
    {
        if (_full.TryDequeue(out frame!))
            return true;
        if (_open is null)
            return false;
        (frame, _open) = (_open, null);
        return true;
    }

    private static void Write(Span<byte> place, PeerMessage message, int messageBytes)
    {
        place[0] = (PeerFrame.MessagesFieldNumber << 3) | 2;
        var at = 1;
        var rest = (uint)messageBytes;
        for (; rest >= 0x80; rest >>= 7)
            place[at++] = (byte)(rest | 0x80);
        place[at++] = (byte)rest;
        message.WriteTo(place[at..]);
    }

    private void AddInPieces(PeerMessage message, int messageBytes)
    {
        if (_open is not null)
            CloseFrame();
        var whole = ArrayPool<byte>.Shared.Rent(messageBytes);
        message.WriteTo(whole.AsSpan(0, messageBytes));
        var most = Math.Max(1, maxFrameBytes - PieceOverhead);
        for (var at = 0; at < messageBytes; at += most)
        {
            var length = Math.Min(most, messageBytes - at);
            var part = new PeerPart { Urgent = isUrgent, Last = at + length == messageBytes, Data = UnsafeByteOperations.UnsafeWrap(whole.AsMemory(at, length)) };
            var piece = new PeerFrame { Part = part };
            var frame = new FrameBytes(length + PieceOverhead);
            piece.WriteTo(frame.Append(piece.CalculateSize()));
            _full.Enqueue(frame);
        }

        ArrayPool<byte>.Shared.Return(whole);
    }

    private void CloseFrame()
    {
        _full.Enqueue(_open!);
        _open = null;
    }
}
