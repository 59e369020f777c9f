using Savepoint.Engine.Journal;
using Savepoint.Engine.Sessions;

namespace Savepoint.Simulation;

/// <summary>One transaction of the journal.</summary>
/// <param name="Number">Counts the commits of the run: 1, 2, 3.</param>
/// <param name="Process">Who wrote it.</param>
/// <param name="Records">Its records, shard by shard.</param>
internal sealed record Commit(int Number, string Process, IReadOnlyList<CommittedRecord> Records);

/// <summary>One record of the journal.</summary>
internal sealed class CommittedRecord
{
    public required RecordType Type { get; init; }

    public required int Shard { get; init; }

    public required long Sequence { get; init; }

    /// <summary>The entity, as of this commit; null for a record of the shard's own.</summary>
    public LedgerEntity? Entity { get; init; }

    public required long Version { get; init; }

    /// <summary>The requests whose outcomes it carries.</summary>
    public required IReadOnlyList<CommittedOutcome> Outcomes { get; init; }

    /// <summary>Whether its delta holds nothing but increments.</summary>
    public bool IsIncrements { get; init; }

    /// <summary>The reason that its change carried; empty for none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The session before it.</summary>
    public LedgerSession SessionBefore { get; init; }

    /// <summary>Why the session ended, if that is what it tells.</summary>
    public SessionEndReason? EndReason { get; init; }
}

/// <summary>The outcome of a request, as the journal has it.</summary>
/// <param name="Writer">Who numbered the request.</param>
/// <param name="Request">The number.</param>
/// <param name="Versions">What its mutations made; null when it was refused.</param>
/// <param name="Refusal">The code of its refusal.</param>
internal readonly record struct CommittedOutcome(Guid Writer, long Request, long[]? Versions, int Refusal);
