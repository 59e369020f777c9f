using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Savepoint.Streams.Outgoing;

/// <summary>Writes protobuf fields into a span that has been measured before.</summary>
internal ref struct WireWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;
    private int _position;

    public static int SizeOf(ulong value) => (BitOperations.Log2(value | 1) + 7) / 7;

    /// <summary>The size of a varint field with a one-byte tag; nothing for the default value.</summary>
    public static int SizeOfField(ulong value) => value == 0 ? 0 : 1 + SizeOf(value);

    /// <summary>The size of a length-delimited field with a one-byte tag.</summary>
    public static int SizeOfBlock(int length) => 1 + SizeOf((ulong)length) + length;

    public void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _destination[_position++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _destination[_position++] = (byte)value;
    }

    public void Field(int number, ulong value)
    {
        if (value == 0)
            return;
        _destination[_position++] = (byte)(number << 3);
        Varint(value);
    }

    public void Block(int number, int length)
    {
        _destination[_position++] = (byte)((number << 3) | 2);
        Varint((ulong)length);
    }

    public void Block(int number, ReadOnlySpan<byte> content)
    {
        Block(number, content.Length);
        content.CopyTo(_destination[_position..]);
        _position += content.Length;
    }

    public void Text(int number, string text, int byteCount)
    {
        Block(number, byteCount);
        _position += Encoding.UTF8.GetBytes(text, _destination[_position..]);
    }

    public void Fixed32(int number, uint value)
    {
        _destination[_position++] = (byte)((number << 3) | 5);
        BinaryPrimitives.WriteUInt32LittleEndian(_destination[_position..], value);
        _position += 4;
    }
}
