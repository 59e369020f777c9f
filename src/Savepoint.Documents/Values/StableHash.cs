namespace Savepoint.Documents;

/// <summary>FNV-1a: the same in every process, unlike the framework's own hash codes.</summary>
internal static class StableHash
{
    public static uint Of(ReadOnlySpan<char> text)
    {
        var hash = 2166136261;
        foreach (var unit in text)
            hash = (hash ^ unit) * 16777619;
        return hash;
    }

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261;
        foreach (var b in bytes)
            hash = (hash ^ b) * 16777619;
        return hash;
    }
}
