using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Testing;

/// <summary>A call that a store got.</summary>
/// <param name="Operation">What it was asked to do.</param>
public sealed record StoreCall(StoreOperation Operation)
{
    /// <summary>What is to be appended; only in <see cref="StoreOperation.Append"/>.</summary>
    public IReadOnlyList<JournalSegment> Segments { get; init; } = [];

    /// <summary>What is to be written; only in <see cref="StoreOperation.WriteCheckpoint"/>.</summary>
    public CheckpointBatch? Checkpoint { get; init; }

    /// <summary>The entity that is read or flagged, where it is one.</summary>
    public EntityKey? Key { get; init; }

    /// <summary>Whether the call changes the database.</summary>
    public bool IsWrite => Operation is StoreOperation.Append or StoreOperation.TrimJournal or StoreOperation.WriteCheckpoint or StoreOperation.TrimSnapshots
        or StoreOperation.Quarantine or StoreOperation.ClaimShard or StoreOperation.WriteDeadLetter or StoreOperation.TrimLedger or StoreOperation.Check;

    internal IStore? Store { get; init; }

    /// <summary>
    /// Takes the segments out of an append whose answer is about to be lost, to commit them later or never: the transaction of a client
    /// whose connection has died and that the server is still running.
    /// </summary>
    public LateAppend Detach()
    {
        if (Operation != StoreOperation.Append || Store is null) throw new InvalidOperationException("Only an append can come late.");
        return new LateAppend(Store, [.. Segments.Select(segment => segment with { Payload = segment.Payload.ToArray() })]);
    }
}
