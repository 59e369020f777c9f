namespace Savepoint.Documents;

/// <summary>One step of a <see cref="Path"/>: a map key or a list index.</summary>
public readonly struct PathSegment : IEquatable<PathSegment>
{
    internal PathSegment(string key) => (Key, Index) = (key, -1);

    internal PathSegment(int index) => (Key, Index) = (null, index);

    /// <summary>The map key; null for an index.</summary>
    public string? Key { get; }

    /// <summary>The list index; −1 for a key.</summary>
    public int Index { get; }

    /// <summary>Whether this is a list index.</summary>
    public bool IsIndex => Key is null;

    /// <inheritdoc/>
    public bool Equals(PathSegment other) => Index == other.Index && string.Equals(Key, other.Key, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PathSegment other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Key is null ? Index : (int)StableHash.Of(Key);

    /// <summary>Whether both are equal.</summary>
    /// <param name="left">One segment.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when equal.</returns>
    public static bool operator ==(PathSegment left, PathSegment right) => left.Equals(right);

    /// <summary>Whether both differ.</summary>
    /// <param name="left">One segment.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when different.</returns>
    public static bool operator !=(PathSegment left, PathSegment right) => !left.Equals(right);
}
