using System.Buffers.Binary;
using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Journal;

/// <summary>
/// Encodes the payload of a segment (docs/reference/journal-format.md): a header (format version, CRC-32C of all that follows, base time), then
/// the records, each with its length in front. Writes straight into the buffer that goes to the store.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    public const byte FormatVersion = 1;

    // Lengths of records are written before the record is: three bytes hold up to 2 MiB, and a longer one is moved to make room.
    private const int ReservedLengthBytes = 3;

    // There are some of these per shard: after a burst they must not keep what it took.
    private const int KeptBytes = 32 << 10;

    private readonly ByteBuffer _buffer = new(4 << 10);
    private long _baseTicks;

    public int Length => _buffer.Length;

    public bool IsEmpty => _buffer.Length == 0;

    public ReadOnlySpan<byte> Slice(int offset, int length) => _buffer.At(offset, length);

    /// <summary>Appends a record.</summary>
    /// <returns>Where in the buffer its payload lies.</returns>
    public int Append(in RecordHeader header, long sequence, ReadOnlySpan<byte> payload)
    {
        var buffer = _buffer;
        if (IsEmpty)
            Begin(header.AtTicks);

        var start = buffer.Length;
        buffer.UInt32(0);
        buffer.Truncate(start + ReservedLengthBytes);

        var parts = PartsOf(header);
        buffer.Byte((byte)header.Type);
        buffer.Byte((byte)parts);
        buffer.Text(header.Key.Kind);
        buffer.Text(header.Key.Id);
        buffer.Varint((ulong)header.Version);
        buffer.Varint(header.PreviousSequence == 0 ? 0 : (ulong)(sequence - header.PreviousSequence));
        buffer.Signed(header.AtTicks - _baseTicks);
        WriteParts(header, parts);
        buffer.Varint((ulong)payload.Length);
        var at = buffer.Length;
        buffer.Raw(payload);
        return at + CloseLength(start);
    }

    /// <summary>Completes the segment and gives its bytes, which are valid until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        var checksum = Savepoint.Documents.Crc32C.Compute(_buffer.Written[5..]);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.At(1, 4), checksum);
        return _buffer.WrittenMemory;
    }

    public void Clear()
    {
        _buffer.Clear();
        _buffer.Shrink(KeptBytes);
    }

    public void Dispose() => _buffer.Dispose();

    private void Begin(long baseTicks)
    {
        _baseTicks = baseTicks;
        _buffer.Byte(FormatVersion);
        _buffer.UInt32(0);
        _buffer.Int64(baseTicks);
    }

    private static RecordParts PartsOf(in RecordHeader header) =>
        (string.IsNullOrEmpty(header.Actor) ? RecordParts.None : RecordParts.Actor)
        | (header.Reason is null ? RecordParts.None : RecordParts.Reason)
        | (header.CorrelationId is null ? RecordParts.None : RecordParts.CorrelationId)
        | (header.EventType is null ? RecordParts.None : RecordParts.EventType)
        | (header.OutcomeOf is null && header.GrantedTo is null ? RecordParts.None : RecordParts.Outcome)
        | (header.ProcessedMessages is null ? RecordParts.None : RecordParts.ProcessedMessages);

    private void WriteParts(in RecordHeader header, RecordParts parts)
    {
        if (parts == RecordParts.None)
            return;
        if (parts.HasFlag(RecordParts.Actor))
            _buffer.Text(header.Actor!);
        if (parts.HasFlag(RecordParts.Reason))
            _buffer.Text(header.Reason!);
        if (parts.HasFlag(RecordParts.CorrelationId))
            _buffer.Text(header.CorrelationId!);
        if (parts.HasFlag(RecordParts.EventType))
            _buffer.Text(header.EventType!);
        if (parts.HasFlag(RecordParts.Outcome))
            WriteOutcome(header);
        if (parts.HasFlag(RecordParts.ProcessedMessages))
            WriteNumbers(header.ProcessedMessages!);
    }

    private void WriteOutcome(in RecordHeader header)
    {
        if (header.GrantedTo is { } holder)
        {
            WriteOutcome(holder.Writer, holder.Request, holder.ReceivedThrough, OpeningOutcomes.Fingerprint, versions: 1);
            _buffer.Varint((ulong)header.Session);
            return;
        }

        var unit = header.OutcomeOf!;
        WriteOutcome(unit.Writer, unit.Request, unit.ReceivedThrough, unit.Fingerprint, unit.Mutations.Length);
        foreach (ref readonly var mutation in unit.Mutations.AsSpan())
            _buffer.Varint((ulong)mutation.ResultVersion);
    }

    private void WriteOutcome(Guid writer, long request, long receivedThrough, ulong fingerprint, int versions)
    {
        _buffer.Guid(writer);
        _buffer.Varint((ulong)request);
        _buffer.Varint((ulong)receivedThrough);
        _buffer.Varint(fingerprint);
        _buffer.Varint((ulong)versions);
    }

    private void WriteNumbers(long[] numbers)
    {
        _buffer.Varint((ulong)numbers.Length);
        foreach (var number in numbers)
            _buffer.Varint((ulong)number);
    }

    /// <summary>Writes the record's length into the room left for it.</summary>
    /// <returns>By how much the record was moved.</returns>
    private int CloseLength(int start)
    {
        var length = _buffer.Length - start - ReservedLengthBytes;
        if (length < 1 << 21)
        {
            WritePadded(_buffer.At(start, ReservedLengthBytes), (uint)length);
            return 0;
        }

        const int moved = 2;
        _buffer.Raw(stackalloc byte[moved]);
        _buffer.At(start + ReservedLengthBytes, length).CopyTo(_buffer.At(start + ReservedLengthBytes + moved, length));
        WritePadded(_buffer.At(start, ReservedLengthBytes + moved), (uint)length);
        return moved;
    }

    private static void WritePadded(Span<byte> room, uint value)
    {
        for (var i = 0; i < room.Length - 1; i++, value >>= 7)
            room[i] = (byte)(value | 0x80);
        room[^1] = (byte)value;
    }
}
