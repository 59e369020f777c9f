using System.Text;

namespace Savepoint.Engine.Recovery;

/// <summary>
/// Gives the same string for the same UTF-8 bytes without decoding them anew: the keys of a journal come again and again. Keeps a bounded number,
/// each in the place that its hash says; a newer one takes the place of an older. It starts small: most journals at most starts are.
/// </summary>
internal sealed class Utf8Strings
{
    private const int FirstPlaces = 1 << 6;
    private const int MaxPlaces = 1 << 14;

    private (byte[] Utf8, string Text)[] _known = [];
    private int _decoded;

    public string Of(ReadOnlySpan<byte> utf8)
    {
        if (_decoded >= _known.Length && _known.Length < MaxPlaces)
            Grow();
        ref var known = ref PlaceOf(utf8);
        if (known.Text is not null && utf8.SequenceEqual(known.Utf8))
            return known.Text;
        _decoded++;
        known = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return known.Text;
    }

    private ref (byte[] Utf8, string Text) PlaceOf(ReadOnlySpan<byte> utf8) => ref _known[Documents.Crc32C.Compute(utf8) & (_known.Length - 1)];

    private void Grow()
    {
        var old = _known;
        _known = new (byte[], string)[Math.Max(FirstPlaces, old.Length * 4)];
        foreach (var known in old)
        {
            if (known.Text is not null)
                PlaceOf(known.Utf8) = known;
        }
    }
}
