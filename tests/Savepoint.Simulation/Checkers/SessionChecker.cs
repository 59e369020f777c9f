using Savepoint.Engine;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>I5: a change under a session is there only while that session is the present one, and nobody else writes meanwhile.</summary>
internal sealed class SessionChecker : Checker
{
    private readonly Dictionary<(Guid Writer, long Request), Operation> _operations = [];
    private readonly Dictionary<(EntityKey Key, long Session), Guid> _holders = [];

    public override void OnSent(Operation operation) => _operations.Add((operation.Writer, operation.Request), operation);

    public override void OnCommitted(Commit commit)
    {
        foreach (var record in commit.Records)
        {
            foreach (var outcome in record.Outcomes)
            {
                if (outcome.Versions is not null && _operations.TryGetValue((outcome.Writer, outcome.Request), out var operation))
                    Check(commit, operation);
            }
        }
    }

    public override void OnSessionOpened(EntityKey key, Guid writer, long request, long session)
    {
        Require(_holders.TryAdd((key, session), writer) || _holders[(key, session)] == writer, "I5", $"session {session} of {key} was given to two");
        var isCommitted = Ledger.Find(key)?.Sessions.Any(known => known.Number == session && known.Writer == writer) == true;
        Require(isCommitted, "I2", $"session {session} of {key} was given before it was committed");
    }

    private void Check(Commit commit, Operation operation)
    {
        foreach (var mutation in operation.Mutations)
        {
            // The session as of just before the operation's own record: an earlier mutation of the same unit does not end it.
            var record = commit.Records.FirstOrDefault(record => record.Entity?.Key == mutation.Key && Makes(record.Type, mutation.Kind) && IsOf(record, operation));
            if (record is null)
                continue;
            var session = record.SessionBefore;
            if (mutation.Session != 0)
                Require(session.IsActive && session.Number == mutation.Session, "I5", $"{operation} changed {mutation.Key} under session {mutation.Session} while {session.Number} was the present one (active: {session.IsActive})");
            else if (session.IsActive && mutation.Kind is MutationKind.Delta or MutationKind.Remove or MutationKind.Intent)
                Require(record.IsIncrements || !session.IsActive, "I5", $"{operation} changed {mutation.Key} without its session {session.Number}");
        }
    }

    private bool IsOf(CommittedRecord record, Operation operation)
    {
        if (!Ledger.TryFindOutcome(operation.Writer, operation.Request, out var outcome) || outcome.Versions is null)
            return false;
        for (var i = 0; i < operation.Mutations.Length; i++)
        {
            if (operation.Mutations[i].Key == record.Entity!.Key && (outcome.Versions[i] == record.Version || operation.Mutations[i].Kind == MutationKind.EndSession))
                return true;
        }

        return false;
    }

    private static bool Makes(RecordType type, MutationKind kind) => kind switch
    {
        MutationKind.Remove => type == RecordType.Removed,
        MutationKind.EndSession => type == RecordType.SessionEnded,
        MutationKind.Message => false,
        _ => type == RecordType.Changed,
    };
}
