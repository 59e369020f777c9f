using System.Text;
using Savepoint.Engine.Kinds;

namespace Savepoint.Streams.Incoming;

/// <summary>The registered kinds' names by their UTF-8 bytes, so that a request makes no new string of one. There are few: a search in line is quickest.</summary>
internal sealed class KindNames(KindRegistry kinds)
{
    private readonly Lock _gate = new();
    private (byte[] Utf8, string Name)[] _known = [];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        foreach (var (bytes, known) in _known)
        {
            if (utf8.SequenceEqual(bytes))
                return known;
        }

        return Add(utf8);
    }

    private string Add(ReadOnlySpan<byte> utf8)
    {
        var name = Encoding.UTF8.GetString(utf8);
        if (!kinds.TryGet(name, out var kind))
            return name;
        lock (_gate)
            _known = [.. _known.Where(entry => entry.Name != kind.Name), (utf8.ToArray(), kind.Name)];
        return kind.Name;
    }
}
