using System.Text;

namespace Savepoint.Engine.Recovery;

/// <summary>
/// Gives the same string for the same UTF-8 bytes without decoding them anew: the keys of a journal come again and again. Keeps a bounded number,
/// each in the place that its hash says; a newer one takes the place of an older.
/// </summary>
internal sealed class Utf8Strings
{
    private const int Places = 1 << 14;

    private readonly (byte[] Utf8, string Text)[] _known = new (byte[], string)[Places];

    public string Of(ReadOnlySpan<byte> utf8)
    {
        ref var known = ref _known[Documents.Crc32C.Compute(utf8) & (Places - 1)];
        if (known.Text is null || !utf8.SequenceEqual(known.Utf8))
            known = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return known.Text;
    }
}
