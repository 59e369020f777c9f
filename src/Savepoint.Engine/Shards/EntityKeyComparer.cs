namespace Savepoint.Engine.Shards;

/// <summary>Compares keys by content. The seed keeps clients from choosing ids that collide; it comes from the engine's random source.</summary>
internal sealed class EntityKeyComparer(uint seed) : IEqualityComparer<EntityKey>
{
    public bool Equals(EntityKey x, EntityKey y) =>
        string.Equals(x.Id, y.Id, StringComparison.Ordinal) && string.Equals(x.Kind, y.Kind, StringComparison.Ordinal);

    public int GetHashCode(EntityKey key)
    {
        var hash = seed;
        foreach (var unit in key.Id)
            hash = (uint.RotateLeft(hash, 5) ^ unit) * 0x9E3779B1;
        return (int)(hash ^ (hash >> 15) ^ (uint)key.Kind.Length);
    }
}
