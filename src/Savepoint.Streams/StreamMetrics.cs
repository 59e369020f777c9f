using System.Diagnostics.Metrics;

namespace Savepoint.Streams;

/// <summary>What the stream protocol's server side counts, under the meter <c>Savepoint.Streams</c>.</summary>
public sealed class StreamMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Savepoint.Streams";

    internal const string Ok = "ok";

    private readonly Meter _meter = new(MeterName);
    private readonly UpDownCounter<long> _connections;
    private readonly UpDownCounter<long> _watches;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _batchParts;
    private readonly Counter<long> _handshakes;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _framesSent;
    private readonly Counter<long> _fellBehind;
    private readonly Counter<long> _checksumMismatches;

    /// <summary>Makes the instruments.</summary>
    public StreamMetrics()
    {
        _connections = _meter.CreateUpDownCounter<long>("savepoint.streams.connections", "{connection}", "Open connections.");
        _watches = _meter.CreateUpDownCounter<long>("savepoint.streams.watches", "{watch}", "Watches and sessions of all connections.");
        _requests = _meter.CreateCounter<long>("savepoint.streams.requests", "{request}", "Answered requests, by the code of their outcome.");
        _batchParts = _meter.CreateCounter<long>("savepoint.streams.batch_parts", "{part}", "Answered parts of batches, by the code of their outcome.");
        _handshakes = _meter.CreateCounter<long>("savepoint.streams.handshakes", "{handshake}", "Finished handshakes, by role and the code of their outcome.");
        _received = _meter.CreateCounter<long>("savepoint.streams.received", "By", "Bytes of received frames.");
        _sent = _meter.CreateCounter<long>("savepoint.streams.sent", "By", "Bytes of sent frames.");
        _framesSent = _meter.CreateCounter<long>("savepoint.streams.sent_frames", "{frame}", "Sent frames.");
        _checksumMismatches = _meter.CreateCounter<long>("savepoint.streams.checksum_mismatches", "{copy}", "Copies of clients that were other than the server's document, and were mended.");
        _fellBehind = _meter.CreateCounter<long>("savepoint.streams.fell_behind", "{watch}", "Watches that had to join again, since their client read too slowly or the engine dropped the entity.");
    }

    /// <summary>What the instruments belong to, for a listener that wants those of one server only.</summary>
    public Meter Meter => _meter;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void ConnectionsChanged(int change) => _connections.Add(change);

    internal void WatchesChanged(int change) => _watches.Add(change);

    internal void Answered(string code) => _requests.Add(1, new KeyValuePair<string, object?>("code", code));

    internal void PartsAnswered(string code, int parts) => _batchParts.Add(parts, new KeyValuePair<string, object?>("code", code));

    internal void Handshake(string role, string code) =>
        _handshakes.Add(1, new KeyValuePair<string, object?>("role", role), new KeyValuePair<string, object?>("code", code));

    internal void Received(int bytes) => _received.Add(bytes);

    internal void Sent(int bytes)
    {
        _sent.Add(bytes);
        _framesSent.Add(1);
    }

    internal void FellBehind() => _fellBehind.Add(1);

    internal void ChecksumMismatch() => _checksumMismatches.Add(1);
}
