using System.Runtime.InteropServices;
using Savepoint.Documents;

namespace Savepoint.Engine.Economy;

/// <summary>
/// Finds the rows of increments by what the delta says, so that no text is made of a path that was seen before. A fixed number of places: what does not find its own
/// is looked up by its text.
/// </summary>
internal sealed class LedgerRowCache
{
    private const int Places = 256;

    private readonly Place[] _places = new Place[Places];

    public bool TryFind(int day, string kind, string? reason, ReadOnlySpan<byte> path, out int row)
    {
        ref readonly var place = ref PlaceOf(kind, reason, path);
        row = place.Row;
        return place.Path is not null && place.Day == day && string.Equals(place.Kind, kind, StringComparison.Ordinal)
            && string.Equals(place.Reason, reason, StringComparison.Ordinal) && path.SequenceEqual(place.Path);
    }

    public void Set(int day, string kind, string? reason, ReadOnlySpan<byte> path, int row) =>
        PlaceOf(kind, reason, path) = new Place(day, kind, reason, path.ToArray(), row);

    public void Clear() => Array.Clear(_places);

    private ref Place PlaceOf(string kind, string? reason, ReadOnlySpan<byte> path)
    {
        var hash = Crc32C.Append((uint)kind.Length, MemoryMarshal.AsBytes(reason.AsSpan()));
        return ref _places[Crc32C.Append(hash, path) % Places];
    }

    private readonly record struct Place(int Day, string Kind, string? Reason, byte[]? Path, int Row);
}
