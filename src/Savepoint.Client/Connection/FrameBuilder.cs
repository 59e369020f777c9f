namespace Savepoint.Client;

/// <summary>
/// Puts encoded messages together to a ClientFrame (stream.proto), in one buffer that it keeps. Written by hand, since the bodies are encoded
/// already: each is copied once, however often it has to be sent.
/// </summary>
internal sealed class FrameBuilder
{
    private const byte ReceivedThroughTag = (1 << 3) | 0;
    private const byte MessagesTag = (2 << 3) | 2;
    private const byte RequestTag = (1 << 3) | 0;

    // Tag and length of the message, tag and number of the request.
    private const int MessageOverhead = 1 + 5 + 1 + 10;
    private const int KeptBytes = 1 << 20;

    private byte[] _buffer = new byte[16 << 10];

    public int Length { get; private set; }

    public int MessageCount { get; private set; }

    public ReadOnlyMemory<byte> Frame => _buffer.AsMemory(0, Length);

    public void Begin(ulong receivedThrough)
    {
        if (_buffer.Length > KeptBytes)
            _buffer = new byte[16 << 10];
        (Length, MessageCount) = (0, 0);
        if (receivedThrough == 0)
            return;
        _buffer[Length++] = ReceivedThroughTag;
        WriteVarint(receivedThrough);
    }

    public bool HasRoom(int bodyBytes, int maxBytes) => MessageCount == 0 || Length + bodyBytes + MessageOverhead <= maxBytes;

    public static bool Fits(int bodyBytes, int maxBytes) => bodyBytes + MessageOverhead + 11 <= maxBytes;

    public void Add(ulong request, byte[] body)
    {
        EnsureRoom(body.Length + MessageOverhead);
        var requestBytes = request == 0 ? 0 : 1 + VarintSize(request);
        _buffer[Length++] = MessagesTag;
        WriteVarint((ulong)(requestBytes + body.Length));
        if (request != 0)
        {
            _buffer[Length++] = RequestTag;
            WriteVarint(request);
        }
        body.CopyTo(_buffer.AsSpan(Length));
        Length += body.Length;
        MessageCount++;
    }

    private static int VarintSize(ulong value)
    {
        var size = 1;
        while ((value >>= 7) != 0)
            size++;
        return size;
    }

    private void EnsureRoom(int bytes)
    {
        if (Length + bytes > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(Length + bytes, _buffer.Length * 2));
    }

    private void WriteVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _buffer[Length++] = (byte)(value | 0x80);
        _buffer[Length++] = (byte)value;
    }
}
