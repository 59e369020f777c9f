using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>A unit that is being brought to its end, by one attempt after the other. Its home shard stays the one of this ownership.</summary>
/// <param name="unit">The unit.</param>
/// <param name="home">The shard of its first mutation.</param>
internal sealed class Undertaking(Unit unit, Shard home)
{
    public Unit Unit => unit;

    public Shard Home => home;

    /// <summary>The same request again, which waits for the outcome. Guarded by the home shard's lock.</summary>
    public List<Unit> Copies { get; } = [];
}
