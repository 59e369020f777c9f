using Savepoint.Engine;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>
/// I5: a change under a session is there only while that session is the present one and its writer's, and nobody else writes meanwhile; who is refused was
/// refused with reason. That numbers grow by one, and no session begins before the one before has ended, the ledger itself requires.
/// </summary>
/// <param name="lease">How long a session outlives its holder's connection.</param>
internal sealed class SessionChecker(TimeSpan lease) : Checker
{
    // The nodes' clocks run this much too fast at most.
    private const double Drift = 0.01;

    private readonly Dictionary<(Guid Writer, long Request), Operation> _operations = [];
    private readonly Dictionary<(Guid Writer, long Request), Opening> _openings = [];
    private readonly HashSet<(Guid Writer, long Request)> _granted = [];

    public override void OnSent(Operation operation) => _operations.Add((operation.Writer, operation.Request), operation);

    public override void OnSent(Opening opening)
    {
        if (opening.Resume == 0)
            _openings.Add((opening.Writer, opening.Request), opening);
    }

    public override void OnCommitted(Commit commit)
    {
        foreach (var record in commit.Records)
        {
            if (record.Type == RecordType.SessionOpened)
                CheckGrant(record);
            if (record.EndReason == SessionEndReason.LeaseExpired)
                CheckLease(record);
            foreach (var outcome in record.Outcomes)
            {
                if (outcome.Versions is not null && _operations.TryGetValue((outcome.Writer, outcome.Request), out var operation))
                    Check(commit, operation, outcome.Versions);
            }
        }
    }

    public override void OnAnswered(Operation operation, long[] versions, Refusal? refusal)
    {
        if (refusal is null || refusal.Mutation >= operation.Mutations.Length)
            return;
        var mutation = operation.Mutations[refusal.Mutation];
        if (refusal.Code == RefusalCode.SessionLost)
            RequireLost(operation, mutation.Key, operation.Writer, mutation.Session, operation.SentAfter);
        if (refusal.Code == RefusalCode.SessionRequired)
        {
            Require(mutation.Session == 0, "I5", $"{operation} has a session and was refused for want of one");
            RequireHeld(operation, mutation.Key, operation.SentAfter);
        }
    }

    public override void OnOpened(string node, long watch, Opening opening, in SessionOpening outcome)
    {
        if (outcome.Refusal is { Code: RefusalCode.SessionLost })
            CheckRefused(opening);
        else if (outcome.HeldBy is not null)
            CheckHeld(opening);
        else if (outcome.Session > 0)
            CheckOpened(opening, outcome.Session);
    }

    private void CheckOpened(Opening opening, long session)
    {
        var known = Ledger.Find(opening.Key)?.Sessions.FirstOrDefault(known => known.Number == session) ?? default;
        Require(known.Number == session, "I2", $"{opening} got session {session} before it was committed");
        Require(known.Number != session || known.Writer == opening.Writer, "I5", $"{opening} got session {session}, which is another's");
        Require(opening.Resume == 0 || opening.Resume == session, "I5", $"{opening} got session {session}");
        Require(
            opening.Resume != 0 || known.Number != session || known.Writer != opening.Writer || known.Request == opening.Request, "I4",
            $"{opening} got session {session}, which request {known.Request} has opened");
    }

    private void CheckHeld(Opening opening)
    {
        Require(opening is { Policy: SessionConflictPolicy.Fail, Resume: 0 }, "I5", $"{opening} was told of the holder");
        RequireHeld(opening, opening.Key, opening.SentAfter);
    }

    /// <summary>The session that it wants to go on with is lost, or the one that it has opened before is over.</summary>
    private void CheckRefused(Opening opening)
    {
        if (opening.Resume != 0)
        {
            RequireLost(opening, opening.Key, opening.Writer, opening.Resume, opening.SentAfter);
            return;
        }

        var entity = Ledger.Find(opening.Key);
        var opened = entity?.Sessions.FirstOrDefault(session => session.Writer == opening.Writer && session.Request == opening.Request) ?? default;
        Require(opened.Number > 0, "I5", $"{opening} was refused as lost, and never was granted");
        Require(opened.Number != entity?.Session.Number || !entity.Session.IsActive, "I5", $"{opening} was refused as lost, and session {opened.Number} is the present one");
    }

    private void CheckGrant(CommittedRecord record)
    {
        var session = record.Entity!.Sessions.First(session => session.Number == record.SessionBefore.Number + 1);
        Require(_granted.Add((session.Writer, session.Request)), "I4", $"request {session.Request} of {session.Writer} has opened two sessions");

        // Game servers open through the SDK, which keeps its numbers to itself; ChangeBook knows of their sessions.
        if (GameKinds.IsPlayedBySdk(record.Entity.Key))
            return;
        Require(
            _openings.TryGetValue((session.Writer, session.Request), out var opening) && opening.Key == record.Entity.Key, "I5",
            $"session {session.Number} of {record.Entity.Key} was opened for nobody");
    }

    /// <summary>Its holder was there when it was opened, and the lease runs from when it went away.</summary>
    private void CheckLease(CommittedRecord record)
    {
        var session = record.SessionBefore;
        if (!_openings.TryGetValue((session.Writer, session.Request), out var opening))
            return;
        var age = Time.GetUtcNow() - opening.SentAt;
        Require(age >= lease * (1 - Drift), "I5", $"the lease of session {session.Number} of {record.Entity!.Key} ended {age} after it was asked for");
    }

    private void Check(Commit commit, Operation operation, long[] versions)
    {
        for (var i = 0; i < operation.Mutations.Length && i < versions.Length; i++)
        {
            ref readonly var mutation = ref operation.Mutations[i];
            if (mutation.Kind == MutationKind.Message)
                continue;
            if (mutation.Kind == MutationKind.EndSession)
                CheckEnd(commit, operation, mutation.Key, mutation.Session);
            else if (FindRecord(commit, mutation, versions[i]) is { } record)
                Check(operation, mutation, record);
        }
    }

    private void Check(Operation operation, in Mutation mutation, CommittedRecord record)
    {
        var session = record.SessionBefore;
        if (mutation.Session != 0)
        {
            Require(
                session.IsActive && session.Number == mutation.Session && session.Writer == operation.Writer, "I5",
                $"{operation} changed {mutation.Key} under session {mutation.Session} while {session.Number} was the present one (active: {session.IsActive})");
        }
        else
        {
            Require(!session.IsActive || record.IsIncrements, "I5", $"{operation} changed {mutation.Key} without its session {session.Number}");
        }
    }

    private void CheckEnd(Commit commit, Operation operation, EntityKey key, long number)
    {
        var ended = commit.Records.FirstOrDefault(record =>
            record.Entity?.Key == key && record.EndReason == SessionEndReason.Ended && record.SessionBefore.Number == number);
        Require(ended is not null, "I8", $"{operation} took effect, and its session {number} of {key} was not ended with it");
        Require(ended is null || ended.SessionBefore.Writer == operation.Writer, "I5", $"{operation} ended session {number} of {key}, which is another's");
    }

    private void RequireLost(object who, EntityKey key, Guid writer, long number, int since)
    {
        var wasLost = Ledger.Find(key)?.SessionsSince(since).Any(session => !session.IsActive || session.Number != number || session.Writer != writer) != false;
        Require(wasLost, "I5", $"{who} was refused as lost, and session {number} of {key} is its own all the time");
    }

    private void RequireHeld(object who, EntityKey key, int since)
    {
        var wasHeld = Ledger.Find(key)?.SessionsSince(since).Any(session => session.IsActive) == true;
        Require(wasHeld, "I5", $"{who} was refused for a holder of {key}, and nobody holds it");
    }

    private static CommittedRecord? FindRecord(Commit commit, in Mutation mutation, long version)
    {
        var key = mutation.Key;

        // A rollback may be either.
        RecordType? type = mutation.Kind == MutationKind.Restore ? null : mutation.Kind == MutationKind.Remove ? RecordType.Removed : RecordType.Changed;
        return commit.Records.FirstOrDefault(record =>
            record.Entity?.Key == key && record.Version == version && (type is null ? record.Type is RecordType.Changed or RecordType.Removed : record.Type == type));
    }
}
