using Savepoint.Engine;

namespace Savepoint.Modules.DataRights;

/// <summary>What came of an erasure.</summary>
/// <param name="Erased">Entities of which nothing is left to be read.</param>
/// <param name="Untagged">Entities that hold data of others too: they lost the user's tag and nothing else.</param>
/// <param name="Unreadable">Entities that can't be read, and so can't be erased: repair them, and run it again.</param>
public sealed record ErasureResult(IReadOnlyList<EntityKey> Erased, IReadOnlyList<EntityKey> Untagged, IReadOnlyList<EntityKey> Unreadable)
{
    /// <summary>Whether all that there was is erased or untagged.</summary>
    public bool IsComplete => Unreadable.Count == 0;
}
