using System.Buffers.Binary;

namespace Savepoint.Documents;

/// <summary>Reads the primitives of the binary format. Every method answers false, without moving on, where the bytes are not the primitive's one form.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public readonly ReadOnlySpan<byte> Since(int start) => _bytes[start..Position];

    /// <summary>The next byte, or 0 at the end.</summary>
    public readonly byte Peek() => Position < _bytes.Length ? _bytes[Position] : (byte)0;

    public bool TryReadByte(out byte value)
    {
        if (Position >= _bytes.Length)
        {
            value = 0;
            return false;
        }
        value = _bytes[Position++];
        return true;
    }

    public bool TryReadVarint(out ulong value)
    {
        if (Position < _bytes.Length && _bytes[Position] < 0x80)
        {
            value = _bytes[Position++];
            return true;
        }
        return TryReadLongVarint(out value);
    }

    public bool TryReadZigZag(out long value)
    {
        var read = TryReadVarint(out var bits);
        value = Varint.UnZigZag(bits);
        return read;
    }

    /// <summary>A count of things that take at least <paramref name="itemBytes"/> each, so that it can't promise more than is there.</summary>
    public bool TryReadCount(int itemBytes, out int count)
    {
        var start = Position;
        if (TryReadVarint(out var value) && value <= (ulong)(Remaining / itemBytes))
        {
            count = (int)value;
            return true;
        }
        Position = start;
        count = 0;
        return false;
    }

    public bool TryReadBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        if ((uint)count > (uint)Remaining)
        {
            bytes = default;
            return false;
        }
        bytes = _bytes.Slice(Position, count);
        Position += count;
        return true;
    }

    /// <summary>Bytes behind their length.</summary>
    public bool TryReadBlock(out ReadOnlySpan<byte> bytes)
    {
        if (TryReadCount(1, out var length))
            return TryReadBytes(length, out bytes);
        bytes = default;
        return false;
    }

    public bool TryReadDouble(out double value)
    {
        var read = TryReadBytes(sizeof(long), out var bytes);
        value = read ? BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64LittleEndian(bytes)) : 0;
        return read;
    }

    private bool TryReadLongVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < Varint.MaxSize && Position + i < _bytes.Length; i++)
        {
            var next = _bytes[Position + i];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next >= 0x80)
                continue;
            var shortest = next != 0 || i == 0;
            var fits = i < Varint.MaxSize - 1 || next == 1;
            if (!shortest || !fits)
                break;
            Position += i + 1;
            return true;
        }
        value = 0;
        return false;
    }
}
