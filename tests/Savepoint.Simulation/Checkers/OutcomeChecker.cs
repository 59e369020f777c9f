using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>I4 and I8: each request takes effect once or never, whole, as all its answers say.</summary>
internal sealed class OutcomeChecker : Checker
{
    private readonly Dictionary<(Guid Writer, long Request), Operation> _operations = [];

    public override void OnSent(Operation operation) => _operations.Add((operation.Writer, operation.Request), operation);

    public override void OnCommitted(Commit commit)
    {
        foreach (var record in commit.Records)
        {
            foreach (var outcome in record.Outcomes)
            {
                if (_operations.TryGetValue((outcome.Writer, outcome.Request), out var operation))
                    Check(commit, operation, outcome);
            }
        }
    }

    public override void OnAnswered(Operation operation, long[] versions, Refusal? refusal)
    {
        if (!Operation.IsFinal(refusal))
            return;
        if (refusal is not null)
        {
            Require(operation.Commit == 0, "I4", $"{operation} was refused as {refusal.Code}, and is in commit {operation.Commit}");
            Require(operation.Versions is null, "I4", $"{operation} was refused as {refusal.Code} after it had been answered with success");
            Require(
                operation.Refusal is null || operation.Refusal.Code == refusal.Code, "I4",
                $"{operation} was refused as {refusal.Code} after it had been refused as {operation.Refusal?.Code}");
            return;
        }

        Require(operation.Refusal is null, "I4", $"{operation} succeeded after it had been refused as {operation.Refusal?.Code}");
        if (operation.MayBeLost)
            return;
        Require(operation.Versions?.SequenceEqual(versions) != false, "I4", $"{operation} was answered with other versions than before");
        Require(operation.Commit != 0, "I2", $"{operation} was answered and is not in the journal");
        if (Ledger.TryFindOutcome(operation.Writer, operation.Request, out var outcome) && outcome.Versions is not null)
            Require(outcome.Versions.SequenceEqual(versions), "I4", $"{operation} was answered with other versions than the journal holds");
    }

    private void Check(Commit commit, Operation operation, in CommittedOutcome outcome)
    {
        if (outcome.Versions is null)
        {
            Require(operation.Versions is null && operation.Commit == 0, "I4", $"{operation} took effect, and its refusal was journaled");
            return;
        }

        Require(operation.Refusal is null, "I4", $"{operation} took effect after it had been refused as {operation.Refusal?.Code}");
        Require(outcome.Versions.Length == operation.Mutations.Length, "I8", $"{operation} has {outcome.Versions.Length} outcomes for {operation.Mutations.Length} mutations");
        for (var i = 0; i < operation.Mutations.Length && i < outcome.Versions.Length; i++)
        {
            if (operation.Mutations[i].Kind is MutationKind.EndSession or MutationKind.Message)
                continue;
            var (key, version) = (operation.Mutations[i].Key, outcome.Versions[i]);

            // What was Deferred was answered with the version before the one that it is in.
            var isThere = commit.Records.Any(record => record.Entity?.Key == key && (record.Version == version || operation.MayBeLost))
                || Ledger.Units.IsPromised(key, version);
            Require(isThere, "I8", $"{operation} is in commit {commit.Number} without its change of {key}");
            if (operation.Mutations[i].ExpectedVersion is { } expected)
                Require(!isThere || Expected(key, version - 1) == expected, "I3", $"{operation} expected version {expected} of {key} and made {version}");
        }
    }

    /// <summary>A version as expectations count it: 0 where there was no document.</summary>
    private long Expected(EntityKey key, long version) =>
        version > 0 && Ledger.Find(key)!.Versions[(int)version - 1].Document is not null ? version : 0;
}
