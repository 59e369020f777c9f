using System.Buffers.Binary;
using System.Diagnostics;

namespace Savepoint.Bench.Push;

/// <summary>A connection to the bare server: each message has the time of its sending and its number.</summary>
internal sealed class BareClient(Uri endpoint) : IPushedClient
{
    private readonly LightSocket _socket = new();

    public List<(long Sent, long Came)> Changes { get; } = [];

    public long Version { get; private set; }

    public long Received => _socket.Received;

    public string? Failure { get; private set; }

    public async Task ConnectAsync()
    {
        await _socket.ConnectAsync(endpoint, subProtocol: null);
        _ = _socket.ReceiveAsync(Take);
    }

    public void Dispose() => _socket.Dispose();

    private bool Take(ReadOnlySpan<byte> message)
    {
        var number = BinaryPrimitives.ReadInt64LittleEndian(message[8..]);
        if (number != Version + 1)
            Failure ??= $"message {number} came after {Version}";
        Version = number;
        Changes.Add((BinaryPrimitives.ReadInt64LittleEndian(message), Stopwatch.GetTimestamp()));
        return true;
    }
}
