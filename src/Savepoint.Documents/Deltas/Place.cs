namespace Savepoint.Documents;

/// <summary>Where a path's last segment leads: an item of a map or list, there or not.</summary>
internal ref struct Place
{
    /// <summary>The map or list; null when the way to it is missing.</summary>
    public object Container;

    /// <summary>The item's index in the container; for a missing map key where it would go.</summary>
    public int Index;

    /// <summary>Whether there is an item.</summary>
    public bool Found;

    /// <summary>The map key.</summary>
    public ReadOnlySpan<char> Key;

    /// <summary>The map key's length in UTF-8.</summary>
    public int KeyBytes;

    /// <summary>The item; absent if there is none.</summary>
    public readonly Value Value => !Found ? default : Container is MapValue map ? map.ValueAt(Index) : ((ListValue)Container)[Index];
}
