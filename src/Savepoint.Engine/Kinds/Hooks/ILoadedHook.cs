namespace Savepoint.Engine.Kinds;

/// <summary>
/// ProfileLoaded: adds or changes properties of an entity that has come into memory, or was rolled back, after its migrations and before anybody gets to see it. What it changes is
/// journaled as a version of its own; one that changes something each time makes a version with each load. What it throws refuses whoever waits for the entity,
/// with <see cref="Units.RefusalCode.HookFailed"/>; the entity stays as it is stored, and the hook runs again with the next request.
/// It runs under the shard's lock, on any thread and for several entities at once, and must be pure: no I/O, no waiting, no clock but the context's.
/// </summary>
public interface ILoadedHook
{
    /// <summary>Writes what is to be changed to <see cref="HookContext.Delta"/>.</summary>
    /// <param name="context">The entity.</param>
    void OnLoaded(HookContext context);
}
