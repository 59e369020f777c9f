using Savepoint.Engine.Kinds;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine;

/// <summary>
/// The state of all entities of one database, in memory and in its journal. All methods may be called from several threads at once, and none of
/// them throws for a request that is merely wrong: the answer says so.
/// </summary>
public sealed class StateEngine : IAsyncDisposable
{
    /// <summary>Makes an engine; <see cref="StartAsync"/> brings it up.</summary>
    public StateEngine(IStore store, KindRegistry kinds, EngineOptions options, TimeProvider time, Random random, IPublisher? publisher = null)
    {
        throw new NotImplementedException();
    }

    /// <summary>The database's identity; known once started.</summary>
    public Guid DatabaseId => throw new NotImplementedException();

    /// <summary>A moment's view of what the engine holds and does.</summary>
    public EngineSnapshot Snapshot() => throw new NotImplementedException();

    /// <summary>Opens the store, takes the shards, replays the journal behind the last checkpoint, and begins to serve.</summary>
    /// <exception cref="StoreException">The database can't be opened.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Refuses new requests, commits what is queued, checkpoints everything, and lets go of the store. Nothing is lost.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Submits a unit; its <see cref="Unit.Completed"/> gets the outcome.</summary>
    public void Submit(Unit unit) => throw new NotImplementedException();

    /// <summary>Reads an entity; <see cref="EntityReading.Completed"/> gets it.</summary>
    public void Read(EntityReading reading) => throw new NotImplementedException();

    /// <summary>Starts watching.</summary>
    public void Watch(Watcher watcher) => throw new NotImplementedException();

    /// <summary>Stops watching. A change that is on its way may still arrive.</summary>
    public void Unwatch(Watcher watcher) => throw new NotImplementedException();

    /// <summary>Opens or resumes a session; <see cref="SessionHolder.OnOpened"/> gets the outcome.</summary>
    public void OpenSession(SessionHolder holder) => throw new NotImplementedException();

    /// <summary>The holder's connection is gone: its session, if it has one, ends when the lease runs out, unless it is resumed. A waiting one is withdrawn.</summary>
    public void Disconnect(SessionHolder holder) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
