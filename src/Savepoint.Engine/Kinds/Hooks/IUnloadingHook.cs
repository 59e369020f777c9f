using Savepoint.Documents;

namespace Savepoint.Engine.Kinds;

/// <summary>
/// Unloading: is told when an entity leaves memory, for whatever the game keeps beside it. What it throws is counted (<see cref="EngineSnapshot.FailedHooks"/>)
/// and does no harm. A process that dies tells nothing. It runs under the shard's lock and must be short: no I/O, no waiting.
/// </summary>
public interface IUnloadingHook
{
    /// <summary>The entity leaves memory.</summary>
    /// <param name="context">The entity.</param>
    void OnUnloading(UnloadingContext context);
}

/// <summary>What a hook may look at when an entity leaves memory.</summary>
public sealed class UnloadingContext
{
    /// <summary>The entity.</summary>
    public required EntityKey Key { get; init; }

    /// <summary>Why.</summary>
    public required UnloadReason Reason { get; init; }

    /// <summary>
    /// The document, durable as it is; it must not be kept. Null where there is none, and where it is not certain: for <see cref="UnloadReason.Lost"/>.
    /// </summary>
    public required Document? Document { get; init; }

    /// <summary>Its version; 0 where it is not certain.</summary>
    public required long Version { get; init; }
}

/// <summary>Why an entity leaves memory.</summary>
public enum UnloadReason
{
    /// <summary>Nobody has asked for it for a while.</summary>
    Idle,

    /// <summary>Its shard was handed over to another node.</summary>
    HandedOver,

    /// <summary>The engine stops.</summary>
    Stopped,

    /// <summary>Another node has taken the shard, or a change of it could not be stored: it is read again when it is next asked for.</summary>
    Lost,
}
