using Savepoint.Engine.Units;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Errors;

namespace Savepoint.Streams.Requests;

/// <summary>
/// A batch on its way through the engine: one unit for each part, and one answer when the last of them has its outcome. Parts are answered on the flows of
/// their shards, at the same time too; what they share is guarded by the connection's gate.
/// </summary>
internal sealed class BatchRequest(StreamConnection connection, long request, long receivedThrough, ReadOnlySpan<byte> content)
{
    // A part, its mutation and its result, next to its bytes.
    private const int BytesPerPart = 256;

    private readonly List<BatchPartRequest> _parts = [];
    private readonly BatchResult _result = new();
    private int _unanswered;

    /// <summary>The request's own copy of the encoded batch.</summary>
    public ReadOnlyMemory<byte> Content { get; } = content.ToArray();

    public IReadOnlyList<BatchPartRequest> Parts => _parts;

    public StreamConnection Connection => connection;

    private int HeldBytes => Content.Length + (_parts.Count * BytesPerPart);

    /// <summary>Adds a part, whose mutation is still to be read.</summary>
    public BatchPartRequest AddPart(ReadOnlySpan<byte> encoded)
    {
        var part = new BatchPartRequest(this, _parts.Count, encoded) { Request = BatchPart.Number(request, _parts.Count), ReceivedThrough = receivedThrough };
        _parts.Add(part);
        return part;
    }

    /// <summary>Waits for all parts, and for <see cref="End"/>.</summary>
    public void Begin()
    {
        foreach (var _ in _parts)
            _result.Parts.Add(new PartResult());
        _unanswered = _parts.Count + 1;
        lock (connection.Outbox.Gate)
            connection.Outbox.Hold(HeldBytes);
    }

    /// <summary>All parts are on their way.</summary>
    public void End()
    {
        lock (connection.Outbox.Gate)
            Answered();
    }

    public void Committed(int index, long version)
    {
        lock (connection.Outbox.Gate)
        {
            _result.Parts[index].Version = (ulong)version;
            Answered();
        }
    }

    public void Refused(int index, Error error)
    {
        error.Mutation = (uint)index;
        lock (connection.Outbox.Gate)
        {
            _result.Parts[index].Error = error;
            Answered();
        }
    }

    private void Answered()
    {
        if (--_unanswered > 0)
            return;
        connection.Outbox.Hold(-HeldBytes);
        connection.Outbox.Answer(new ServerMessage { Request = (ulong)request, BatchResult = _result });
        connection.Services.Metrics.Answered(StreamMetrics.Ok);
    }
}
