using System.Buffers;

namespace Savepoint.Documents;

/// <summary>
/// A tree of typed values under one root map. Changes go through deltas (<see cref="Delta"/>) only. Reading from several threads is safe
/// while no delta is applied; applying needs exclusive use.
/// </summary>
public sealed class Document
{
    /// <summary>An empty document.</summary>
    public Document()
        : this(new MapValue(), 2)
    {
    }

    /// <summary>A document with a copy of a map as its root.</summary>
    /// <param name="root">The map.</param>
    /// <param name="limits">The limits to keep; null for <see cref="DocumentLimits.Default"/>.</param>
    /// <exception cref="DocumentException">The map breaks a limit.</exception>
    public Document(MapValue root, DocumentLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        Root = root.DeepClone();
        EncodedSize = 1 + Root.ContentSize();
        DocumentException.ThrowIfRefused(Check(limits ?? DocumentLimits.Default));
    }

    private Document(MapValue root, int encodedSize)
    {
        Root = root;
        EncodedSize = encodedSize;
    }

    /// <summary>The root map, which shows the document's present state.</summary>
    public MapValue Root { get; }

    /// <summary>Bytes that the canonical encoding takes. Kept up to date by every change, so reading it costs nothing.</summary>
    public int EncodedSize { get; internal set; }

    /// <summary>Reads a document from its canonical encoding.</summary>
    /// <param name="bytes">The whole encoding; nothing may follow it.</param>
    /// <param name="limits">The limits to keep.</param>
    /// <param name="document">The document; null when refused.</param>
    /// <returns>Why the bytes were refused, or <see cref="DocumentError.None"/>. Any bytes may be passed.</returns>
    public static DocumentError TryDecode(ReadOnlySpan<byte> bytes, DocumentLimits limits, out Document? document)
    {
        ArgumentNullException.ThrowIfNull(limits);
        document = null;
        if (bytes.Length > limits.MaxDocumentBytes)
            return DocumentError.TooLarge;
        var reader = new ByteReader(bytes);
        var error = FormatByte.Read(ref reader);
        if (error != DocumentError.None)
            return error;
        error = ValueDecoder.ReadMap(ref reader, 1, limits, out var root);
        if (error != DocumentError.None)
            return error;
        if (reader.Remaining > 0)
            return DocumentError.Malformed;
        document = new Document(root, bytes.Length);
        return DocumentError.None;
    }

    /// <summary>Reads a document from its canonical encoding.</summary>
    /// <param name="bytes">The whole encoding; nothing may follow it.</param>
    /// <param name="limits">The limits to keep; null for <see cref="DocumentLimits.Default"/>.</param>
    /// <returns>The document.</returns>
    /// <exception cref="DocumentException">The bytes are refused.</exception>
    public static Document Decode(ReadOnlySpan<byte> bytes, DocumentLimits? limits = null)
    {
        DocumentException.ThrowIfRefused(TryDecode(bytes, limits ?? DocumentLimits.Default, out var document));
        return document!;
    }

    /// <summary>The value at a path.</summary>
    /// <param name="path">The path; the root gives the root map.</param>
    /// <returns>The value.</returns>
    /// <exception cref="DocumentException">There is none (<see cref="DocumentError.PathNotFound"/>).</exception>
    public Value Get(Path path) => TryGet(path, out var value) ? value : throw new DocumentException(DocumentError.PathNotFound, path);

    /// <summary>The value at a path, if there is one. Allocates nothing.</summary>
    /// <param name="path">The path; the root gives the root map.</param>
    /// <param name="value">The value, or absent.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(Path path, out Value value)
    {
        ArgumentNullException.ThrowIfNull(path);
        value = Root;
        foreach (var segment in path.Segments)
        {
            var found = segment.Key is { } key
                ? value.TryGetMap(out var map) && map.TryGet(key, out value)
                : value.TryGetList(out var list) && list.TryGet(segment.Index, out value);
            if (found)
                continue;
            value = default;
            return false;
        }
        return true;
    }

    /// <summary>A copy that shares nothing that can change.</summary>
    /// <returns>The copy.</returns>
    public Document Clone() => new(Root.DeepClone(), EncodedSize);

    /// <summary>Whether both have the same content, and so the same encoding.</summary>
    /// <param name="other">The other document.</param>
    /// <returns>True when equal.</returns>
    public bool ContentEquals(Document other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return EncodedSize == other.EncodedSize && Root.ContentEquals(other.Root);
    }

    /// <summary>Writes the canonical encoding.</summary>
    /// <param name="destination">At least <see cref="EncodedSize"/> bytes.</param>
    /// <returns>Bytes written, which is <see cref="EncodedSize"/>.</returns>
    /// <exception cref="ArgumentException">The destination is too small.</exception>
    public int Encode(Span<byte> destination)
    {
        if (destination.Length < EncodedSize)
            throw new ArgumentException($"The encoding takes {EncodedSize} bytes.", nameof(destination));
        var writer = new ByteWriter(destination);
        writer.WriteByte(FormatByte.V1);
        ValueEncoder.WriteEntries(ref writer, Root);
        return writer.Position;
    }

    /// <summary>The canonical encoding.</summary>
    /// <returns>New bytes.</returns>
    public byte[] ToBytes()
    {
        var bytes = new byte[EncodedSize];
        Encode(bytes);
        return bytes;
    }

    /// <summary>Writes the canonical encoding.</summary>
    /// <param name="destination">Where to; one span of <see cref="EncodedSize"/> bytes is asked for.</param>
    public void WriteTo(IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.Advance(Encode(destination.GetSpan(EncodedSize)));
    }

    /// <summary>CRC-32C of the canonical encoding: equal documents have equal checksums, on every node and client.</summary>
    /// <returns>The checksum.</returns>
    public uint Checksum()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(EncodedSize);
        var checksum = Crc32C.Compute(buffer.AsSpan(0, Encode(buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
        return checksum;
    }

    /// <summary>Checks the whole document against limits.</summary>
    /// <param name="limits">The limits.</param>
    /// <returns>The first limit that it breaks, or <see cref="DocumentError.None"/>.</returns>
    public DocumentError Check(DocumentLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return EncodedSize > limits.MaxDocumentBytes ? DocumentError.TooLarge : ValueRules.CheckMap(Root, 1, limits);
    }
}
