namespace Savepoint.Streams.Incoming;

/// <summary>
/// Reads protobuf fields in place. Units, which are nearly all of the traffic, are read with it; everything else goes through the generated messages.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    public readonly bool IsAtEnd => _position >= _data.Length;

    /// <summary>The field number and, in the lowest three bits, the wire type.</summary>
    public uint ReadTag()
    {
        var tag = ReadVarint();
        return tag is > 7 and <= uint.MaxValue ? (uint)tag : throw new MalformedFrameException("A field has no valid number.");
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new MalformedFrameException("A number has more than ten bytes.");
    }

    /// <summary>Where the bytes of a length-delimited field stand.</summary>
    public Slice ReadSlice()
    {
        var length = ReadVarint();
        if (length > (ulong)(_data.Length - _position))
            throw new MalformedFrameException("A field is longer than what holds it.");
        var slice = new Slice(_position, (int)length);
        _position += slice.Length;
        return slice;
    }

    public readonly ReadOnlySpan<byte> this[Slice slice] => _data.Slice(slice.Start, slice.Length);

    public void Skip(uint tag)
    {
        switch (tag & 7)
        {
            case Varint: ReadVarint(); break;
            case Fixed64: Advance(8); break;
            case LengthDelimited: ReadSlice(); break;
            case Fixed32: Advance(4); break;
            default: throw new MalformedFrameException("A field is of an unknown wire type.");
        }
    }

    private byte ReadByte() => _position < _data.Length ? _data[_position++] : throw new MalformedFrameException("The message ends in the middle of a field.");

    private void Advance(int count)
    {
        if (count > _data.Length - _position)
            throw new MalformedFrameException("The message ends in the middle of a field.");
        _position += count;
    }
}

/// <summary>A part of a message.</summary>
internal readonly record struct Slice(int Start, int Length)
{
    public Slice In(Slice outer) => new(outer.Start + Start, Length);
}
