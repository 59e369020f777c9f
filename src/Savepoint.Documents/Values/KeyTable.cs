namespace Savepoint.Documents;

/// <summary>
/// A bounded table of map keys, so that a million profiles share one string per key. It is a cache: a key that loses its place is only
/// held twice. It takes no lock: strings are immutable, a slot is one reference, and whichever of two writers wins is right.
/// </summary>
internal static class KeyTable
{
    /// <summary>Longer keys are seldom the same in many documents.</summary>
    public const int MaxSharedLength = 48;

    private const int Ways = 4;
    private const int Sets = 4096;

    private static readonly string?[] Slots = new string?[Sets * Ways];

    public static string Share(ReadOnlySpan<char> key) => Share(key, null, out _);

    public static string Share(string key) => Share(key, key, out _);

    public static string Share(ReadOnlySpan<char> key, out uint hash) => Share(key, null, out hash);

    private static string Share(ReadOnlySpan<char> key, string? known, out uint hash)
    {
        hash = 0;
        if (key.IsEmpty)
            return "";
        if (key.Length > MaxSharedLength)
            return known ?? key.ToString();

        hash = StableHash.Of(key);
        var set = Slots.AsSpan((int)((hash ^ (hash >> 15)) % Sets) * Ways, Ways);
        foreach (ref var slot in set)
        {
            // Read once: another thread may give the slot to another key at any time.
            var held = Volatile.Read(ref slot);
            if (held is null)
                return slot = known ?? key.ToString();
            if (key.SequenceEqual(held))
                return held;
        }
        return set[(int)(hash >> 30)] = known ?? key.ToString();
    }
}
