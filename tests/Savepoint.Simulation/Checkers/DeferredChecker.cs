using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>
/// I4, I7 and I8 for Deferred properties that are only added to: never is more journaled than was asked for; what has an outcome in the journal is there; and
/// a stop in good order loses nothing that anybody could see. What is less than Deferred is never journaled.
/// </summary>
internal sealed class DeferredChecker : Checker
{
    private readonly Dictionary<(Guid Writer, long Request), Operation> _operations = [];
    private readonly Dictionary<EntityKey, long> _asked = [];
    private readonly Dictionary<EntityKey, long> _done = [];

    public override void OnSent(Operation operation)
    {
        if (!operation.Mutations.Any(mutation => GameKinds.HasOverlay(mutation.Key)))
            return;
        _operations.Add((operation.Writer, operation.Request), operation);
        Add(_asked, operation);
    }

    public override void OnCommitted(Commit commit)
    {
        foreach (var outcome in commit.Records.SelectMany(record => record.Outcomes))
        {
            if (outcome.Versions is not null && _operations.TryGetValue((outcome.Writer, outcome.Request), out var operation))
                Add(_done, operation);
        }

        foreach (var record in commit.Records)
        {
            if (record.Entity is { } entity && GameKinds.HasOverlay(entity.Key))
                Check(entity);
            foreach (var outcome in record.Outcomes)
            {
                if (_operations.TryGetValue((outcome.Writer, outcome.Request), out var operation) && Ledger.Find(operation.Mutations[0].Key) is { } changed)
                    Check(changed);
            }
        }
    }

    public override void OnStopped(string process, IReadOnlyList<EntitySnapshot> seen)
    {
        foreach (var snapshot in seen)
        {
            if (snapshot.Document is null)
                continue;
            var (shown, kept) = (Sum(snapshot.Key, Document.Decode(snapshot.Document)), Sum(snapshot.Key, Ledger.Find(snapshot.Key)?.Document));
            Require(kept >= shown, "I7", $"{process} showed {shown} of {snapshot.Key} before it was stopped, and {kept} is journaled");
        }
    }

    private void Check(LedgerEntity entity)
    {
        var journaled = Sum(entity.Key, entity.Document);
        Require(journaled <= _asked.GetValueOrDefault(entity.Key), "I4", $"{entity.Key} has {journaled} journaled, and {_asked.GetValueOrDefault(entity.Key)} was asked for");
        Require(journaled >= _done.GetValueOrDefault(entity.Key), "I8", $"{entity.Key} has {journaled} journaled, and outcomes of {_done.GetValueOrDefault(entity.Key)}");
        var hasTransient = entity.Document?.Root.Any(property => GameKinds.DurabilityOf(entity.Key, property.Key) == PropertyDurability.Transient) == true;
        Require(!hasTransient, "I7", $"{entity.Key} has something journaled that is Transient");
    }

    private static void Add(Dictionary<EntityKey, long> sums, Operation operation)
    {
        foreach (var mutation in operation.Mutations)
        {
            if (mutation.Kind == MutationKind.Delta)
                sums[mutation.Key] = sums.GetValueOrDefault(mutation.Key) + Sum(mutation);
        }
    }

    private static long Sum(in Mutation mutation)
    {
        var sum = 0L;
        foreach (var operation in new DeltaReader(mutation.Payload.Span))
        {
            if (operation.Kind == Documents.OperationKind.Increment && GameKinds.DurabilityOf(mutation.Key, operation.Path.First.ToSegment().Key!) == PropertyDurability.Deferred)
                sum += operation.Amount.AsInt64();
        }

        return sum;
    }

    private static long Sum(EntityKey key, Document? document) =>
        document?.Root.Where(property => GameKinds.DurabilityOf(key, property.Key) == PropertyDurability.Deferred).Sum(property => property.Value.AsInt64()) ?? 0;
}
