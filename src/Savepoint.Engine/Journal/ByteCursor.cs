using System.Buffers.Binary;
using System.Text;

namespace Savepoint.Engine.Journal;

/// <summary>Reads what a <see cref="ByteBuffer"/> wrote.</summary>
/// <exception cref="JournalFormatException">Thrown by every method when the bytes end too early or break the format.</exception>
internal ref struct ByteCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly bool IsAtEnd => Position == _bytes.Length;

    public readonly int Remaining => _bytes.Length - Position;

    public byte Byte() => Take(1)[0];

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw new JournalFormatException("a number is too long");
    }

    public long Signed()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Count()
    {
        var value = Varint();
        return value <= (ulong)(_bytes.Length - Position) ? (int)value : throw new JournalFormatException("a count is larger than what follows");
    }

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>A time of day in UTC ticks.</summary>
    public long Ticks()
    {
        var ticks = Int64();
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? ticks : throw new JournalFormatException("a time is out of range");
    }

    public Guid Guid() => new(Take(16));

    public string Text() => Encoding.UTF8.GetString(Block());

    public ReadOnlySpan<byte> Block() => Take(Count());

    public ReadOnlySpan<byte> Take(int length)
    {
        if (_bytes.Length - Position < length)
            throw new JournalFormatException("the bytes end too early");
        var taken = _bytes.Slice(Position, length);
        Position += length;
        return taken;
    }
}

/// <summary>A segment or a stored state does not have the form that it should.</summary>
internal sealed class JournalFormatException(string message) : Exception(message);
