using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Testing;

/// <summary>
/// Stands in the way of every call of a <see cref="MemoryStore"/>. A method that throws makes the call fail with that exception;
/// a task that has not completed makes the call wait for it. <see cref="StoreFaults"/> is the one for most tests.
/// </summary>
public interface IStoreFaults
{
    /// <summary>Comes before a call reads or writes anything. A <see cref="StoreException"/> thrown here should say <see cref="WriteOutcome.NotApplied"/>.</summary>
    ValueTask BeforeAsync(StoreCall call, CancellationToken cancellationToken);

    /// <summary>Comes after a write took effect and before its caller is told.</summary>
    ValueTask AfterCommitAsync(StoreCall call);
}

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
        or StoreOperation.Quarantine or StoreOperation.ClaimShard or StoreOperation.WriteDeadLetter or StoreOperation.Check;

    internal MemoryDatabase? Database { get; init; }

    /// <summary>
    /// Takes the segments out of an append whose answer is about to be lost, to commit them later or never: the transaction of a client
    /// whose connection has died and that the server is still running.
    /// </summary>
    public LateAppend Detach()
    {
        if (Operation != StoreOperation.Append || Database is null) throw new InvalidOperationException("Only an append can come late.");
        return new LateAppend(Database, [.. Segments.Select(segment => segment with { Payload = segment.Payload.ToArray() })]);
    }
}

/// <summary>An append that has lost its caller and may still happen.</summary>
public sealed class LateAppend
{
    private readonly MemoryDatabase _database;

    internal LateAppend(MemoryDatabase database, IReadOnlyList<JournalSegment> segments)
    {
        _database = database;
        Segments = segments;
    }

    /// <summary>What it appends.</summary>
    public IReadOnlyList<JournalSegment> Segments { get; }

    /// <summary>Commits it if its positions are still free.</summary>
    /// <returns>Whether it went in.</returns>
    public bool TryLand()
    {
        try
        {
            _database.Append(Segments);
            return true;
        }
        catch (JournalConflictException)
        {
            return false;
        }
    }
}
