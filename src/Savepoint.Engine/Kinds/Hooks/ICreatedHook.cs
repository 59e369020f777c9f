namespace Savepoint.Engine.Kinds;

/// <summary>
/// ProfileCreated: adds to the document that a new entity starts from, once the template is in it. What it adds is part of the entity's first version. What it
/// throws refuses whatever would have made the entity, with <see cref="Units.RefusalCode.HookFailed"/>.
/// It runs under the shard's lock, on any thread and for several entities at once, and must be pure: no I/O, no waiting, no clock but the context's.
/// </summary>
public interface ICreatedHook
{
    /// <summary>Writes what is to be added to <see cref="HookContext.Delta"/>.</summary>
    /// <param name="context">The entity in the making.</param>
    void OnCreated(HookContext context);
}
