using Savepoint.Engine.Loading;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Spanning;
using Savepoint.Engine.Writers;

namespace Savepoint.Engine.Units;

/// <summary>
/// Carries out units. Under the locks of the shards concerned:
/// 1. has this request been answered before? then the same answer again;
/// 2. are the entities in memory, and the old versions that it brings back? else the unit waits for them to be loaded or read;
/// 3. every mutation is checked and applied, with a way back;
/// 4. if all of them can be, their records are queued for the next commit, and nothing can fail any more; else everything is taken back.
/// The answer goes out when the newest state that was looked at is durable; the refusal of a numbered request, when it is journaled itself.
/// </summary>
internal sealed class UnitExecutor
{
    private readonly EngineContext _context;
    private readonly MutationPlanner _planner;
    private readonly MutationRecorder _recorder;
    private readonly EarlierOutcomes _outcomes;
    private readonly UnitEntities _entities;
    private readonly OldVersions _oldVersions;
    private readonly PartExecution _parts;
    private readonly UnitCoordinator _coordinator;
    private readonly bool _hasPeers;

    public UnitExecutor(EngineContext context, MutationRecorder recorder, EntityLoader loader, Action<EntityReading> read, UnitCoordinator coordinator, bool hasPeers)
    {
        (_context, _recorder, _coordinator, _hasPeers) = (context, recorder, coordinator, hasPeers);
        _planner = new MutationPlanner(context);
        _parts = new PartExecution(context, _planner, recorder);
        _outcomes = new EarlierOutcomes(context);
        _entities = new UnitEntities(context, loader);
        _oldVersions = new OldVersions(context, read, Resume);
    }

    public void Submit(Unit unit)
    {
        // The caller may use its object again, and what could not be read before may be read now.
        OldVersions.Forget(unit);
        foreach (ref var mutation in unit.Mutations.AsSpan())
            mutation.ResultDocument = null;
        Resume(unit);
    }

    /// <summary>Goes on with a unit that had to wait. It keeps the old versions that it has read, which never change; what could not be read may be by now.</summary>
    public void ResumeWaiting(Unit unit)
    {
        OldVersions.ForgetFailed(unit);
        Resume(unit);
    }

    /// <summary>Refuses a unit that waited for an entity which no request can have now.</summary>
    public void RefuseWaiting(Unit unit, Refusal failed)
    {
        var mutation = Math.Max(0, Array.FindIndex(unit.Mutations, mutation => mutation.Key == failed.Key));
        Refusal? refusal = failed with { Mutation = mutation };
        if (unit is UnitPart || unit.Writer == Guid.Empty)
        {
            unit.Complete(refusal);
            return;
        }

        var home = _context.ShardOf(unit.Mutations[0].Key);
        Verdict verdict;
        lock (home.Gate)
        {
            if (_context.ServingRefusal(home) is { } unserved)
                (verdict, refusal) = (Verdict.AnswerNow, unserved with { Key = unit.Mutations[0].Key });
            else if (_outcomes.Find(unit, home, out var writer, out var found) is { } known)
                (verdict, refusal) = (known, found);
            else
                verdict = UnitAnswers.RefuseUnprepared(unit, ref refusal, home, writer, plans: default);
        }

        if (verdict == Verdict.AnswerNow)
            unit.Complete(refusal);
        else
            home.Database.WakeCommitter();
    }

    private void Resume(Unit unit)
    {
        if (UnitRules.Check(unit, _context) is { } invalid)
        {
            unit.Completed(invalid);
            return;
        }

        var mutations = unit.Mutations;
        var home = _context.ShardOf(mutations[0].Key);
        Verdict verdict;
        Refusal? refusal;
        Undertaking? undertaking = null;
        if (mutations.Length == 1)
        {
            lock (home.Gate)
                verdict = Execute(unit, home, new UnitShards(_context, home), out refusal);
        }
        else
        {
            verdict = ExecuteOverShards(unit, out refusal, out undertaking);
        }

        if (verdict == Verdict.AnswerNow)
            unit.Complete(refusal);
        else if (verdict == Verdict.Queued)
            home.Database.WakeCommitter();
        else if (verdict == Verdict.NeedsOldVersion)
            _oldVersions.ReadMissing(unit);
        else if (verdict == Verdict.Spans)
            _coordinator.Start(undertaking!);
    }

    private Verdict ExecuteOverShards(Unit unit, out Refusal? refusal, out Undertaking? undertaking)
    {
        undertaking = null;
        var shards = new UnitShards(_context, unit.Mutations, stackalloc int[2 * unit.Mutations.Length]);
        Verdict verdict;
        do
        {
            if (shards.NeedSeveralCommits(_hasPeers))
                return Span(unit, shards, out refusal, out undertaking);
        }
        while (!TryExecute(unit, shards, out verdict, out refusal));

        return verdict;
    }

    /// <returns>False when no single commit can cover the shards after all, since some are served only since that was looked at.</returns>
    private bool TryExecute(Unit unit, in UnitShards shards, out Verdict verdict, out Refusal? refusal)
    {
        shards.Lock();
        try
        {
            (verdict, refusal) = (default, null);
            if (shards.AreInSeveralDatabases && shards.ServingRefusal(unit.Mutations) is null)
                return false;
            verdict = Execute(unit, shards[0], shards, out refusal);
            return true;
        }
        finally
        {
            shards.Unlock();
        }
    }

    /// <summary>Hands a unit to who brings it to its end over several nodes or databases, unless it has been answered or is under way already.</summary>
    private Verdict Span(Unit unit, in UnitShards shards, out Refusal? refusal, out Undertaking? undertaking)
    {
        undertaking = null;
        lock (shards[0].Gate)
        {
            var home = shards[0];
            refusal = _context.ServingRefusal(home) is { } unserved ? unserved with { Key = unit.Mutations[0].Key } : null;
            if (refusal is not null)
                return Verdict.AnswerNow;
            if (_outcomes.FindOrJoin(unit, home, out var writer, out refusal) is { } found)
                return found;
            refusal = Overload.Refuses(unit, home.Database, writer) ? Overload.TooMuchWaits : _coordinator.TryBegin(unit, home, out undertaking);
            if (refusal is not null)
                return Verdict.AnswerNow;
            writer?.Park(unit.Request);
            return Verdict.Spans;
        }
    }

    private Verdict Execute(Unit unit, Shard home, in UnitShards shards, out Refusal? refusal)
    {
        refusal = shards.ServingRefusal(unit.Mutations);
        if (refusal is not null)
            return Verdict.AnswerNow;

        WriterState? writer = null;
        var part = unit as UnitPart;
        if ((part is null ? _outcomes.FindOrJoin(unit, home, out writer, out refusal) : _parts.Recall(part, home, out refusal)) is { } earlier)
            return earlier;

        var scratch = home.Scratch;
        scratch.Reserve(unit.Mutations.Length);
        try
        {
            if (!_entities.TryFind(unit, shards, scratch.Plans, writer, out refusal))
            {
                if (refusal is { Code: RefusalCode.HookFailed or RefusalCode.Unavailable })
                    return UnitAnswers.RefuseUnprepared(unit, ref refusal, home, writer, scratch.Plans.AsSpan(0, unit.Mutations.Length));
                if (refusal is not null)
                    return Verdict.AnswerNow;
                writer?.Park(unit.Request);
                return Verdict.Parked;
            }

            if (OldVersions.AreMissing(unit))
            {
                writer?.Park(unit.Request);
                return Verdict.NeedsOldVersion;
            }

            if (Overload.Refuses(unit, home.Database, writer))
            {
                refusal = Overload.TooMuchWaits;
                return Verdict.AnswerNow;
            }

            var now = _context.Time.GetUtcNow();
            refusal = part is null ? _planner.Plan(unit, scratch, now) : _parts.Plan(part, scratch, now);
            OldVersions.Forget(unit);
            if (refusal is not null)
            {
                _planner.TakeBack(scratch, unit.Mutations.Length);
                return UnitAnswers.Refuse(unit, ref refusal, home, writer, scratch.Plans.AsSpan(0, unit.Mutations.Length), now);
            }

            if (part is not null)
                return _parts.Keep(part, home, scratch, now);
            var overlaid = _recorder.Record(unit, home, writer, scratch, now);
            _entities.PrepareRestored(unit, scratch.Plans);
            return UnitAnswers.Complete(unit, home, refusal: null, overlaid);
        }
        finally
        {
            scratch.Clear(unit.Mutations.Length);
        }
    }
}
