namespace Savepoint.Engine.Storage;

/// <summary>The order of ids: by code points, which is that of their UTF-8 bytes and so that of every database. UTF-16 units order some of them differently.</summary>
public static class IdOrder
{
    private const char FirstSurrogate = '\ud800';
    private const char FirstBehindSurrogates = '\ue000';

    /// <summary>Below 0 when the first id comes before the second, 0 when they are the same, and above 0 else.</summary>
    public static int Compare(string first, string second)
    {
        var common = Math.Min(first.Length, second.Length);
        for (var i = 0; i < common; i++)
        {
            if (first[i] != second[i])
                return Rank(first[i]) - Rank(second[i]);
        }

        return first.Length - second.Length;
    }

    // Surrogates stand for what comes behind all other units.
    private static int Rank(char unit) => unit switch
    {
        >= FirstBehindSurrogates => unit - 0x800,
        >= FirstSurrogate => unit + 0x2000,
        _ => unit,
    };
}
