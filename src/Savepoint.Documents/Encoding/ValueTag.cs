namespace Savepoint.Documents;

/// <summary>The byte before each value in the binary format.</summary>
internal static class ValueTag
{
    public const byte Int64 = 0x01;
    public const byte Double = 0x02;
    public const byte False = 0x03;
    public const byte True = 0x04;
    public const byte String = 0x05;
    public const byte Timestamp = 0x06;
    public const byte Bytes = 0x07;
    public const byte List = 0x08;
    public const byte Map = 0x09;
}

/// <summary>The first byte of an encoded document or delta.</summary>
internal static class FormatByte
{
    public const byte V1 = 0x01;

    public static DocumentError Read(scoped ref ByteReader reader)
    {
        if (!reader.TryReadByte(out var format))
            return DocumentError.Malformed;
        return format == V1 ? DocumentError.None : DocumentError.UnsupportedFormat;
    }
}
