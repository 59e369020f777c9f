using Savepoint.Engine;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>
/// I4, I7, I8 and I9 for messages: one that was acknowledged is kept as it was sent until the holder of the session has processed it, in the same commit as
/// what it does about it; nobody is told of one before it is committed, nor out of turn; no more wait than may. That none is processed twice the ledger itself
/// requires.
/// </summary>
/// <param name="most">How many messages may wait for one entity's holder.</param>
internal sealed class MessageChecker(int most) : Checker
{
    private readonly Dictionary<(Guid Writer, long Request), Operation> _operations = [];
    private readonly Dictionary<(EntityKey Key, long Message), Operation> _acknowledged = [];
    private readonly Dictionary<long, long> _delivered = [];

    public override void OnSent(Operation operation) => _operations.Add((operation.Writer, operation.Request), operation);

    public override void OnCommitted(Commit commit)
    {
        foreach (var record in commit.Records)
        {
            if (record is { Type: RecordType.MessageAdded, Entity: { } entity })
                Require(entity.WaitingMessages.Count <= most, "I9", $"{entity.WaitingMessages.Count} messages wait for the holder of {entity.Key}");
            foreach (var outcome in record.Outcomes)
            {
                if (outcome.Versions is not null && _operations.TryGetValue((outcome.Writer, outcome.Request), out var operation))
                    CheckProcessed(operation);
            }
        }
    }

    public override void OnAnswered(Operation operation, long[] versions, Refusal? refusal)
    {
        if (refusal is not null)
        {
            CheckRefusal(operation, refusal);
            return;
        }

        for (var i = 0; i < versions.Length; i++)
        {
            if (operation.Mutations[i].Kind == MutationKind.Message)
                CheckKept(operation, operation.Mutations[i], versions[i]);
        }
    }

    public override void OnDelivered(long watch, EntityKey key, long message)
    {
        Require(Ledger.Find(key)?.LastMessage >= message, "I2", $"message {message} of {key} was delivered before it was committed");
        var before = _delivered.GetValueOrDefault(watch);
        Require(message > before, "I6", $"message {message} of {key} was delivered to {watch} after {before}");
        _delivered[watch] = message;
    }

    private void CheckKept(Operation operation, in Mutation mutation, long id)
    {
        var (key, body) = (mutation.Key, mutation.Payload);
        Require(_acknowledged.TryAdd((key, id), operation) || _acknowledged[(key, id)] == operation, "I4", $"{operation} was answered with message {id}, which is another's");
        var isKept = Ledger.Find(key)?.Messages.Any(message => message.Id == id && body.Span.SequenceEqual(message.Body)) == true;
        Require(isKept, "I7", $"{operation} was answered with message {id} of {key}, which is not in the journal as it was sent");
    }

    private void CheckProcessed(Operation operation)
    {
        foreach (var mutation in operation.Mutations)
        {
            foreach (var processed in mutation.ProcessedMessages ?? [])
                Require(Ledger.Find(mutation.Key)?.WaitingMessages.Contains(processed) != true, "I8", $"{operation} took effect, and message {processed} of {mutation.Key} waits still");
        }
    }

    private void CheckRefusal(Operation operation, Refusal refusal)
    {
        if (refusal.Mutation >= operation.Mutations.Length)
            return;
        var mutation = operation.Mutations[refusal.Mutation];
        var entity = Ledger.Find(mutation.Key);
        if (refusal.Code == RefusalCode.TooManyMessages)
            Require(entity?.MostWaitingSince(operation.SentAfter) >= most, "I9", $"{operation} was refused, and there never were {most} messages of {mutation.Key}");
        if (refusal.Code == RefusalCode.InvalidRequest && mutation.ProcessedMessages is { } processed)
            Require(!processed.All(message => entity?.WaitingMessages.Contains(message) == true), "I4", $"{operation} was refused, and all its messages of {mutation.Key} wait still");
    }
}
