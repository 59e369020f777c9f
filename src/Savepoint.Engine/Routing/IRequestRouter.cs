using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Routing;

/// <summary>
/// Takes requests back that this engine can't answer since their shard is another's, to bring them to its owner. Requests carry it with them, and have none
/// without a cluster. Called on the engine's own flow in place of the answer: it must be short, and must not call the engine before it returns.
/// </summary>
internal interface IRequestRouter
{
    /// <returns>Whether the router sees to the answer.</returns>
    bool TryTake(Unit unit, Refusal refusal);

    /// <returns>Whether the router sees to the answer.</returns>
    bool TryTake(EntityLookup lookup, Refusal refusal);

    /// <param name="watcher">A watcher that was not started, or a holder whose session was not opened.</param>
    /// <param name="refusal">Why not.</param>
    /// <returns>Whether the router sees to the answer.</returns>
    bool TryTake(Watcher watcher, Refusal refusal);
}
