using System.Buffers.Binary;
using System.Text;

namespace Savepoint.Documents;

/// <summary>Writes the primitives of the binary format into a span that is known to be large enough.</summary>
internal ref struct ByteWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    public int Position { get; private set; }

    public void WriteByte(byte value) => _buffer[Position++] = value;

    public void WriteVarint(ulong value)
    {
        while (value >= 0x80)
        {
            _buffer[Position++] = (byte)(value | 0x80);
            value >>= 7;
        }
        _buffer[Position++] = (byte)value;
    }

    public void WriteZigZag(long value) => WriteVarint(Varint.ZigZag(value));

    public void WriteDouble(double value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer[Position..], BitConverter.DoubleToInt64Bits(value));
        Position += sizeof(long);
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer[Position..]);
        Position += bytes.Length;
    }

    public void WriteText(ReadOnlySpan<char> text, int utf8Length)
    {
        WriteVarint((uint)utf8Length);
        Position += Encoding.UTF8.GetBytes(text, _buffer[Position..]);
    }

    public void WriteText(ReadOnlySpan<char> text) => WriteText(text, Encoding.UTF8.GetByteCount(text));
}
