namespace Savepoint.Engine;

/// <summary>Names one entity: a kind (<c>profile</c>) and an id within it (<c>alice</c>).</summary>
/// <param name="Kind">The registered name of the kind.</param>
/// <param name="Id">The id, 1 to 256 UTF-16 units of valid Unicode without NUL.</param>
public readonly record struct EntityKey(string Kind, string Id)
{
    /// <summary>The longest id, in UTF-16 units.</summary>
    public const int MaxIdLength = 256;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}/{Id}";
}
