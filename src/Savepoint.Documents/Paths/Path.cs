using System.Diagnostics;

namespace Savepoint.Documents;

/// <summary>
/// The way from a document's root to a value: <c>currency.gold</c>, <c>items[3].name</c>, <c>stats["a.b"]</c>. Immutable; it carries its
/// own encoded form, so keep and reuse the paths you write often.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class Path : IEquatable<Path>
{
    private readonly PathSegment[] _segments;
    private string? _text;

    internal Path(PathSegment[] segments)
    {
        _segments = segments;
        EncodedSegments = PathEncoding.Encode(segments);
    }

    /// <summary>The path of the root map: no segments, the empty text.</summary>
    public static Path Root { get; } = new([]);

    /// <summary>The steps from the root.</summary>
    public ReadOnlySpan<PathSegment> Segments => _segments;

    /// <summary>How many steps there are.</summary>
    public int Count => _segments.Length;

    /// <summary>Whether this is the root.</summary>
    public bool IsRoot => _segments.Length == 0;

    /// <summary>The path without its last step.</summary>
    /// <exception cref="InvalidOperationException">This is the root.</exception>
    public Path Parent => IsRoot ? throw new InvalidOperationException("The root has no parent.") : new Path(_segments[..^1]);

    /// <summary>The segments in the binary format, without their count.</summary>
    internal byte[] EncodedSegments { get; }

    /// <summary>Reads the text form.</summary>
    /// <param name="text">The text; empty for the root.</param>
    /// <returns>The path.</returns>
    /// <exception cref="DocumentException">Not a path (<see cref="DocumentError.InvalidPath"/>), or a key of invalid text (<see cref="DocumentError.InvalidString"/>).</exception>
    public static Path Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var error = PathParser.Parse(text, out var path);
        return path ?? throw new DocumentException(error, detail: $"'{text}' is not a path");
    }

    /// <summary>Reads the text form.</summary>
    /// <param name="text">The text; empty for the root.</param>
    /// <param name="path">The path, or null.</param>
    /// <returns>Whether the text is a path.</returns>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Path? path)
    {
        path = null;
        return text is not null && PathParser.Parse(text, out path) == DocumentError.None;
    }

    /// <summary>As <see cref="Parse"/>.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator Path(string text) => Parse(text);

    /// <summary>The path of a key below this one.</summary>
    /// <param name="key">The key, as it is: not quoted.</param>
    /// <returns>The longer path.</returns>
    /// <exception cref="DocumentException">The key's text is invalid (<see cref="DocumentError.InvalidString"/>).</exception>
    public Path Child(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Unicode.Utf8Length(key) < 0)
            throw new DocumentException(DocumentError.InvalidString);
        return new Path([.. _segments, new PathSegment(key)]);
    }

    /// <summary>The path of a list item below this one.</summary>
    /// <param name="index">0 to 2,147,483,647.</param>
    /// <returns>The longer path.</returns>
    /// <exception cref="DocumentException">The index is negative (<see cref="DocumentError.InvalidPath"/>).</exception>
    public Path Child(int index) => index >= 0
        ? new Path([.. _segments, new PathSegment(index)])
        : throw new DocumentException(DocumentError.InvalidPath, this, "an index is at least 0");

    /// <summary>Whether this is the other path or below it.</summary>
    /// <param name="prefix">The other path.</param>
    /// <returns>True if so; always for the root.</returns>
    public bool StartsWith(Path prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return EncodedSegments.AsSpan().StartsWith(prefix.EncodedSegments);
    }

    /// <summary>The text form, which <see cref="Parse"/> reads back.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text ??= PathParser.Format(_segments);

    /// <inheritdoc/>
    public bool Equals(Path? other) => other is not null && EncodedSegments.AsSpan().SequenceEqual(other.EncodedSegments);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Path);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)StableHash.Of(EncodedSegments.AsSpan());

    /// <summary>Whether both are equal.</summary>
    /// <param name="left">One path.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when equal.</returns>
    public static bool operator ==(Path? left, Path? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether both differ.</summary>
    /// <param name="left">One path.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when different.</returns>
    public static bool operator !=(Path? left, Path? right) => !(left == right);
}
