using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine;

/// <summary>
/// What takes requests: the engine of this process, or in a cluster whatever brings them to the engine that owns their shard. All methods may be called
/// from several threads at once, and none of them throws for a request that is merely wrong: the answer says so.
/// </summary>
public interface IStateEngine
{
    /// <summary>The database's identity; empty before the start.</summary>
    Guid DatabaseId { get; }

    /// <summary>Submits a unit; its <see cref="Unit.Completed"/> gets the outcome.</summary>
    void Submit(Unit unit);

    /// <summary>
    /// Reads an entity, lists its versions, or lists the entities of a kind; <see cref="EntityReading.Completed"/>, <see cref="VersionListing.Completed"/> or
    /// <see cref="EntityScan.Completed"/> gets what was found.
    /// </summary>
    void Read(EntityLookup lookup);

    /// <summary>Starts watching.</summary>
    void Watch(Watcher watcher);

    /// <summary>Stops watching. A change that is on its way may still arrive.</summary>
    void Unwatch(Watcher watcher);

    /// <summary>Opens or resumes a session; <see cref="SessionHolder.OnOpened"/> gets the outcome.</summary>
    void OpenSession(SessionHolder holder);

    /// <summary>The holder's connection is gone: its session, if it has one, ends when the lease runs out, unless it is resumed. A waiting one is withdrawn.</summary>
    void Disconnect(SessionHolder holder);
}
