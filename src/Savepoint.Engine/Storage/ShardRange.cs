using System.Globalization;

namespace Savepoint.Engine.Storage;

/// <summary>Shards that follow each other.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Last">The last of them.</param>
public readonly record struct ShardRange(int First, int Last)
{
    /// <summary>How many they are.</summary>
    public int Count => Last - First + 1;

    /// <summary>All shards.</summary>
    public static ShardRange All(int shardCount) => new(0, shardCount - 1);

    /// <summary>Whether a shard is one of them.</summary>
    public bool Contains(int shard) => shard >= First && shard <= Last;

    /// <summary>Reads what <see cref="ToString"/> writes: <c>0-31</c>, or <c>7</c> for a single shard.</summary>
    public static bool TryParse(string? text, out ShardRange range)
    {
        range = default;
        var parts = (text ?? "").Split('-');
        if (parts.Length > 2 || !TryParseShard(parts[0], out var first) || !TryParseShard(parts[^1], out var last) || last < first)
            return false;
        range = new ShardRange(first, last);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    private static bool TryParseShard(string text, out int shard) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out shard);
}
