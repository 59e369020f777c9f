using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Savepoint.Bench.Push;

/// <summary>As much of a WebSocket client as ten thousand of them need: whole binary messages of a server that does not split them, and an answer to its pings.</summary>
internal sealed class LightSocket : IDisposable
{
    private const int Binary = 2, Close = 8, Ping = 9, Pong = 10;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[1 << 10];
    private int _end;

    /// <summary>Bytes that came, frame headers included.</summary>
    public long Received { get; private set; }

    public async Task ConnectAsync(Uri endpoint, string? subProtocol)
    {
        await _socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(endpoint.Host), endpoint.Port));
        var request = $"GET {endpoint.PathAndQuery} HTTP/1.1\r\nHost: {endpoint.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            + (subProtocol is null ? "" : $"Sec-WebSocket-Protocol: {subProtocol}\r\n") + "\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request));
        int headers;
        while ((headers = _buffer.AsSpan(0, _end).IndexOf("\r\n\r\n"u8)) < 0)
            await FillAsync();
        if (!_buffer.AsSpan(0, _end).StartsWith("HTTP/1.1 101"u8))
            throw new InvalidOperationException(Encoding.ASCII.GetString(_buffer, 0, _end));
        Drop(headers + 4);
        Received = 0;
    }

    public ValueTask<int> SendAsync(ReadOnlySpan<byte> payload) => SendAsync(Binary, payload);

    /// <summary>Gives each message to a handler, until one says that it is enough or the server closes.</summary>
    public async Task ReceiveAsync(MessageHandler handle)
    {
        while (true)
        {
            while (TryReadHeader(out var opcode, out var start, out var length))
            {
                var goesOn = opcode != Close && (opcode != Binary || handle(_buffer.AsSpan(start, length)));
                if (opcode == Ping)
                    await SendAsync(Pong, _buffer.AsSpan(start, length));
                Drop(start + length);
                if (!goesOn)
                    return;
            }

            if (!await FillAsync())
                return;
        }
    }

    public void Dispose() => _socket.Dispose();

    private ValueTask<int> SendAsync(int opcode, ReadOnlySpan<byte> payload)
    {
        // A mask of zeros leaves the payload as it is.
        var frame = new byte[payload.Length + 14];
        var at = 0;
        frame[at++] = (byte)(0x80 | opcode);
        if (payload.Length < 126)
        {
            frame[at++] = (byte)(0x80 | payload.Length);
        }
        else
        {
            frame[at++] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at), (ushort)payload.Length);
            at += 2;
        }

        payload.CopyTo(frame.AsSpan(at + 4));
        return _socket.SendAsync(frame.AsMemory(0, at + 4 + payload.Length));
    }

    private bool TryReadHeader(out int opcode, out int start, out int length)
    {
        (opcode, start, length) = (0, 2, 0);
        if (_end < 2)
            return false;
        opcode = _buffer[0] & 0xF;
        length = _buffer[1] & 0x7F;
        if (length >= 126)
        {
            start = length == 126 ? 4 : 10;
            if (_end < start)
                return false;
            length = start == 4 ? BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(2)) : (int)BinaryPrimitives.ReadUInt64BigEndian(_buffer.AsSpan(2));
        }

        return _end >= start + length;
    }

    private async ValueTask<bool> FillAsync()
    {
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end));
        _end += count;
        Received += count;
        return count > 0;
    }

    private void Drop(int count)
    {
        _buffer.AsSpan(count, _end - count).CopyTo(_buffer);
        _end -= count;
    }
}

/// <summary>Takes a message; says whether there should be more.</summary>
internal delegate bool MessageHandler(ReadOnlySpan<byte> message);
