using System.Text;

namespace Savepoint.Documents;

/// <summary>One step of an <see cref="EncodedPath"/>, still in its bytes.</summary>
public readonly ref struct EncodedSegment
{
    internal EncodedSegment(int index)
    {
        Index = index;
        Utf8Key = default;
        KeyLength = 0;
    }

    internal EncodedSegment(ReadOnlySpan<byte> utf8Key, int keyLength)
    {
        Index = -1;
        Utf8Key = utf8Key;
        KeyLength = keyLength;
    }

    /// <summary>Whether this is a list index.</summary>
    public bool IsIndex => Index >= 0;

    /// <summary>The list index; −1 for a key.</summary>
    public int Index { get; }

    /// <summary>The map key in UTF-8; empty for an index.</summary>
    public ReadOnlySpan<byte> Utf8Key { get; }

    /// <summary>The key's length in UTF-16 units.</summary>
    internal int KeyLength { get; }

    /// <summary>The segment on its own.</summary>
    /// <returns>The segment.</returns>
    public PathSegment ToSegment()
    {
        if (IsIndex)
            return new PathSegment(Index);
        return new PathSegment(Encoding.UTF8.GetString(Utf8Key));
    }
}

/// <summary>
/// An operation's path, still in the delta's bytes: compare it with a <see cref="Path"/> or enumerate its segments without allocation.
/// </summary>
public readonly ref struct EncodedPath
{
    private readonly ReadOnlySpan<byte> _segments;

    internal EncodedPath(ReadOnlySpan<byte> segments, int count)
    {
        _segments = segments;
        Count = count;
    }

    /// <summary>How many segments there are.</summary>
    public int Count { get; }

    /// <summary>The segments' bytes. As each segment has one form, equal paths have equal bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _segments;

    /// <summary>The first segment.</summary>
    /// <exception cref="InvalidOperationException">This is the root, which has none.</exception>
    public EncodedSegment First
    {
        get
        {
            var segments = GetEnumerator();
            return segments.MoveNext() ? segments.Current : throw new InvalidOperationException("The root has no segments.");
        }
    }

    /// <summary>Whether this is the other path or below it.</summary>
    /// <param name="prefix">The other path.</param>
    /// <returns>True if so; always for the root.</returns>
    public bool StartsWith(Path prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return _segments.StartsWith(prefix.EncodedSegments);
    }

    /// <summary>Whether one of both is the other or below it, so that a change of this one may change what the other holds.</summary>
    /// <param name="other">The other path.</param>
    /// <returns>True if so.</returns>
    public bool Overlaps(Path other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return _segments.StartsWith(other.EncodedSegments) || other.EncodedSegments.AsSpan().StartsWith(_segments);
    }

    /// <summary>The path on its own.</summary>
    /// <returns>The path.</returns>
    public Path ToPath()
    {
        if (Count == 0)
            return Path.Root;
        var segments = new PathSegment[Count];
        var i = 0;
        foreach (var segment in this)
            segments[i++] = segment.ToSegment();
        return new Path(segments);
    }

    /// <summary>The segments from the root on.</summary>
    /// <returns>An enumerator that allocates nothing.</returns>
    public Enumerator GetEnumerator() => new(_segments);

    /// <summary>Walks an encoded path.</summary>
    public ref struct Enumerator
    {
        private ByteReader _reader;

        internal Enumerator(ReadOnlySpan<byte> segments)
        {
            _reader = new ByteReader(segments);
            Current = default;
        }

        /// <summary>The present segment.</summary>
        public EncodedSegment Current { get; private set; }

        /// <summary>Goes to the next segment.</summary>
        /// <returns>False at the end.</returns>
        public bool MoveNext()
        {
            if (!_reader.TryReadVarint(out var header))
                return false;
            if ((header & 1) != 0)
            {
                Current = new EncodedSegment((int)(header >> 1));
                return true;
            }
            _reader.TryReadBytes((int)(header >> 1), out var key);
            Current = new EncodedSegment(key, Unicode.Utf16Length(key));
            return true;
        }
    }
}
