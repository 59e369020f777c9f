using System.Text;

namespace Savepoint.Documents;

/// <summary>
/// Segments in the binary format: a varint header, length·2 and the UTF-8 bytes for a key, index·2+1 for an index. As each segment has
/// one form, a path starts with another exactly when its bytes do.
/// </summary>
internal static class PathEncoding
{
    public static byte[] Encode(ReadOnlySpan<PathSegment> segments)
    {
        var size = 0;
        foreach (var segment in segments)
        {
            var keyBytes = segment.Key is { } key ? Encoding.UTF8.GetByteCount(key) : 0;
            size += Varint.Size(Header(segment, keyBytes)) + keyBytes;
        }

        var bytes = new byte[size];
        var writer = new ByteWriter(bytes);
        foreach (var segment in segments)
        {
            var keyBytes = segment.Key is { } key ? Encoding.UTF8.GetBytes(key) : [];
            writer.WriteVarint(Header(segment, keyBytes.Length));
            writer.WriteBytes(keyBytes);
        }
        return bytes;
    }

    /// <summary>Reads one segment; the key's bytes are checked to be valid text within the limit.</summary>
    public static DocumentError TryRead(scoped ref ByteReader reader, DocumentLimits limits, out EncodedSegment segment)
    {
        segment = default;
        if (!reader.TryReadVarint(out var header))
            return DocumentError.Malformed;
        if ((header & 1) != 0)
        {
            if (header >> 1 > int.MaxValue)
                return DocumentError.Malformed;
            segment = new EncodedSegment((int)(header >> 1));
            return DocumentError.None;
        }
        if (header >> 1 > (ulong)reader.Remaining || !reader.TryReadBytes((int)(header >> 1), out var key))
            return DocumentError.Malformed;
        return TryReadKey(key, limits, out segment);
    }

    private static DocumentError TryReadKey(ReadOnlySpan<byte> key, DocumentLimits limits, out EncodedSegment segment)
    {
        var units = Unicode.Utf16Length(key);
        segment = new EncodedSegment(key, units);
        if (units < 0)
            return DocumentError.InvalidString;
        return units <= limits.MaxKeyLength ? DocumentError.None : DocumentError.KeyTooLong;
    }

    private static ulong Header(PathSegment segment, int keyBytes) =>
        segment.IsIndex ? ((ulong)segment.Index << 1) | 1 : (ulong)keyBytes << 1;
}
