using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Sessions;

/// <summary>
/// Opens, hands over and ends sessions. A session changes by journaled records like everything else; who waits, and which connection holds it, is
/// known in memory only (<see cref="SessionLine"/>). Ending one and giving it to the next in line are queued under the same lock, so that they commit together.
/// </summary>
internal sealed class SessionDesk(EngineContext context, WatchDesk watches)
{
    private readonly OpeningOutcomes _outcomes = new(context);
    private readonly SessionLine _line = new(context);

    private static Refusal NobodyHolds { get; } = new(RefusalCode.NotFound) { Detail = "nobody holds a session" };

    public WatchDesk Watches => watches;

    /// <summary>Opens or resumes a session of an entity in memory. Under the shard's lock.</summary>
    public void Open(Shard shard, Entity entity, SessionHolder holder)
    {
        if (entity.Extras?.QuarantineError is { } error)
        {
            Answer(shard, holder, new Refusal(RefusalCode.Quarantined) { Key = entity.Key, Detail = error });
            return;
        }

        var session = entity.NeedExtras().Session ??= new SessionState();
        if (session.IsActive && IsSame(session, holder) && !IsOutdated(session, holder))
            Attach(shard, entity, session, holder);
        else if (holder.Resume != 0 || IsOver(session, holder) || IsOutdated(session, holder))
            Answer(shard, holder, SessionRules.Lost(session) with { Key = entity.Key, CurrentVersion = entity.Version });
        else if (_outcomes.Find(shard, session, holder) is { } answered)
            Answer(shard, holder, answered with { Key = entity.Key, CurrentVersion = entity.Version });
        else
            Give(shard, entity, session, holder);
    }

    /// <summary>The holder's connection is gone. Under the shard's lock.</summary>
    public void Disconnect(Shard shard, Entity entity, SessionHolder holder)
    {
        if (entity.Extras?.Session is not { } session)
            return;
        session.Waiters.RemoveAll(waiter => IsIn(waiter.Holder, holder));
        if (session.Attached is not { } attached || !IsIn(attached, holder))
            return;
        watches.Remove(entity, attached);
        session.Attached = null;
        session.DetachedSince = context.Now;
        shard.SessionsToMind.Add(entity);
    }

    /// <summary>Ends the active session with a record, and gives it to the next in line. Under the shard's lock.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="reason">Why it ends.</param>
    /// <param name="header">What the record says of who did it, and when.</param>
    /// <param name="isOwnWish">The holder's writer asked for it: the holder is let go of, and nobody needs to be told.</param>
    /// <param name="newHolder">Who takes it, where somebody does.</param>
    public void End(
        Shard shard, Entity entity, SessionEndReason reason, ref RecordHeader header, bool isOwnWish = false, string? newHolder = null)
    {
        var session = entity.Extras!.Session!;
        session.IsActive = false;
        header.Type = RecordType.SessionEnded;
        shard.Append(entity, ref header, [(byte)reason], shard.Copies.Before(entity, header.AtTicks));
        context.Counters.AddSessions(-1);
        Release(shard, entity, session, reason, isOwnWish, newHolder);
        if (reason != SessionEndReason.Stolen)
            GrantNext(shard, entity, session);
    }

    /// <summary>The entity was removed, and its session and messages with it. Under the shard's lock, after the record.</summary>
    public void OnRemoved(Shard shard, Entity entity)
    {
        if (entity.Extras is not { } extras)
            return;
        extras.Messages = null;
        if (!extras.HasActiveSession)
            return;
        extras.Session!.IsActive = false;
        context.Counters.AddSessions(-1);
        Release(shard, entity, extras.Session, SessionEndReason.Removed, isOwnWish: false, newHolder: null);
        GrantNext(shard, entity, extras.Session);
    }

    /// <summary>Queues a message, and its delivery to the holder. Under the shard's lock.</summary>
    public void AddMessage(Shard shard, Entity entity, EntityMessage message, ref RecordHeader header)
    {
        var extras = entity.NeedExtras();
        (extras.Messages ??= []).Add(message);
        extras.LastMessage = message.Id;
        using var payload = new ByteBuffer(message.Body.Length + 64);
        EntityMetadata.WriteMessage(payload, message);
        header.Type = RecordType.MessageAdded;
        shard.Append(entity, ref header, payload.Written, shard.Copies.Before(entity, header.AtTicks));
        if (extras.Session is { IsActive: true, Attached: { } holder })
            shard.Then(new MessageArrived(holder, message));
    }

    /// <summary>
    /// Ends sessions whose holders stayed away for too long, and waits that took too long. Under the shard's lock.
    /// </summary>
    public void Mind(Shard shard)
    {
        if (shard.SessionsToMind.Count == 0)
            return;
        foreach (var entity in shard.SessionsToMind.ToArray())
        {
            var session = entity.Extras!.Session!;
            EndWhatIsOver(shard, entity, session);
            if (session.Waiters.Count == 0 && (!session.IsActive || session.Attached is not null))
                shard.SessionsToMind.Remove(entity);
        }
    }

    /// <summary>An entity with an active session came into memory: its holder has the lease to come back. Under the shard's lock.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="stored">Its newest record when it came, before migrations and hooks made another.</param>
    public void OnLoaded(Shard shard, Entity entity, long stored)
    {
        if (entity.Extras is not { HasActiveSession: true, Session: { } session })
            return;
        context.Counters.AddSessions(1);
        session.DetachedSince = shard.LeasesSince;
        // Nothing was done here to what is as the process before left it: the session is one of that.
        session.IsAbandoned = context.HoldersEndWithProcess && stored < shard.FirstOwnSequence;
        shard.SessionsToMind.Add(entity);
    }

    public static void Answer(Shard shard, SessionHolder holder, Refusal refusal, Entity? lookedAt = null) =>
        shard.Then(new SessionAnswer(holder, new SessionOpening { Refusal = refusal, Messages = [] }) { LookedAt = lookedAt });

    private static bool IsSame(SessionState session, SessionHolder holder) =>
        session.Writer == holder.Writer
        && (holder.Resume != 0 ? session.Number == holder.Resume : session.Request == holder.Request);

    /// <summary>The request opened a session that has ended since: sent again, it must not open another one that nobody knows of.</summary>
    private static bool IsOver(SessionState session, SessionHolder holder) =>
        !session.IsActive && session.Number > 0 && holder.Request > 0 && session.Writer == holder.Writer && session.Request == holder.Request;

    /// <summary>
    /// The writer holds the session by a later request: it has gone on over another connection, and this one comes from a connection that is dead and does
    /// not know it. In the place of the later one it would take the session along when it ends.
    /// </summary>
    private static bool IsOutdated(SessionState session, SessionHolder holder) =>
        session is { IsActive: true, Attached: { } present } && present.Writer == holder.Writer && holder.Request > 0 && present.Request > holder.Request && IsSame(session, holder);

    /// <summary>Whether a holder is another one, or one that this other was to take the place of.</summary>
    private static bool IsIn(SessionHolder former, SessionHolder? holder)
    {
        while (holder is not null && !ReferenceEquals(former, holder))
            holder = holder.Replaces;
        return holder is not null;
    }

    private void Give(Shard shard, Entity entity, SessionState session, SessionHolder holder)
    {
        // Nobody waits for, or hears of, a holder that is as good as gone.
        EndWhatIsOver(shard, entity, session);

        // An earlier copy of the request may have waited, and been the next in line just now: another session for this one would be a second one.
        if (session.IsActive && IsSame(session, holder))
            Attach(shard, entity, session, holder);
        else if (session.IsActive)
            Contest(shard, entity, session, holder);
        else if (holder.OnlyIfHeld)
            Answer(shard, holder, NobodyHolds with { Key = entity.Key });
        else
            Grant(shard, entity, session, holder);
    }

    private void EndWhatIsOver(Shard shard, Entity entity, SessionState session)
    {
        _line.EndOverdue(shard, entity, session);
        if (shard.Units.Held.IsHeld(entity.Key))
            return;
        if (session is not { IsActive: true, Attached: null } || !IsLeaseOver(session))
            return;
        var header = new RecordHeader { AtTicks = context.Time.GetUtcNow().UtcTicks, Actor = "engine" };
        End(shard, entity, SessionEndReason.LeaseExpired, ref header);
    }

    private bool IsLeaseOver(SessionState session) =>
        session.IsAbandoned || context.Now - Math.Max(session.DetachedSince, context.ServingSince) >= context.Options.SessionLease.Ticks;

    private void Contest(Shard shard, Entity entity, SessionState session, SessionHolder holder)
    {
        switch (holder.Policy)
        {
            case SessionConflictPolicy.Fail:
                shard.Then(new SessionAnswer(holder, new SessionOpening
                {
                    HeldBy = session.Holder,
                    HeldSince = new DateTimeOffset(session.SinceTicks, TimeSpan.Zero),
                    Messages = [],
                }) { LookedAt = entity });
                break;
            case SessionConflictPolicy.Steal:
                var header = new RecordHeader { AtTicks = context.Time.GetUtcNow().UtcTicks, Actor = holder.Name };
                End(shard, entity, SessionEndReason.Stolen, ref header, newHolder: holder.Name);
                Grant(shard, entity, session, holder);
                break;
            default:
                _line.Join(shard, entity, session, holder);
                break;
        }
    }

    private void GrantNext(Shard shard, Entity entity, SessionState session)
    {
        if (session.Waiters.Count == 0)
            return;
        var next = session.Waiters[0].Holder;
        session.Waiters.RemoveAt(0);
        Grant(shard, entity, session, next);
    }

    private void Grant(Shard shard, Entity entity, SessionState session, SessionHolder holder)
    {
        var header = new RecordHeader { AtTicks = context.Time.GetUtcNow().UtcTicks, Actor = holder.Name };
        var created = entity.Document is null;
        var refused = _outcomes.Prepare(shard, holder) ?? (created ? Create(shard, entity, holder, ref header) : null);
        if (refused is { } refusal)
        {
            Answer(shard, holder, refusal with { Key = entity.Key });
            GrantNext(shard, entity, session);
            return;
        }

        session.Number++;
        session.IsActive = true;
        session.IsAbandoned = false;
        session.Holder = holder.Name;
        session.Writer = holder.Writer;
        session.Request = holder.Request;
        session.SinceTicks = header.AtTicks;
        using var payload = new ByteBuffer(128);
        EntityMetadata.WriteSession(payload, session);
        header.Type = RecordType.SessionOpened;
        OpeningOutcomes.RideOn(ref header, holder, session.Number);
        shard.Append(entity, ref header, payload.Written, shard.Copies.Before(entity, header.AtTicks));
        OpeningOutcomes.Remember(shard, holder, session.Number);
        context.Counters.AddSessions(1);
        Attach(shard, entity, session, holder, created, isNew: true);
    }

    private Refusal? Create(Shard shard, Entity entity, SessionHolder holder, ref RecordHeader header)
    {
        // The entity was removed while it waited.
        if (holder.OnlyIfHeld)
            return NobodyHolds;
        if (NewDocument.Make(entity, holder.Template, new DateTimeOffset(header.AtTicks, TimeSpan.Zero), out var document) is { } refusal)
        {
            if (refusal.Code == RefusalCode.HookFailed)
                context.Counters.AddFailedHook();
            return refusal;
        }

        var before = shard.Copies.Before(entity, header.AtTicks);
        entity.Document = document;
        entity.Version++;
        header.Type = RecordType.Changed;
        var delta = MutationRecorder.Whole(document!, shard.Scratch.Delta);
        var at = shard.Append(entity, ref header, delta, before);
        watches.PushOwn(shard, entity, at, delta);
        shard.Scratch.Delta.Reset();
        return null;
    }

    private void Attach(Shard shard, Entity entity, SessionState session, SessionHolder holder, bool created = false, bool isNew = false)
    {
        if (session.Attached is { } before && !ReferenceEquals(before, holder))
            watches.Remove(entity, before);
        session.Attached = holder;
        holder.Replaces = null;
        var start = watches.Add(entity, holder, holder.FromVersion);
        var opening = new SessionOpening
        {
            Session = session.Number,
            Resumed = !isNew,
            Created = created,
            Snapshot = start.Snapshot,
            Messages = entity.Extras!.Messages?.ToArray() ?? [],
        };
        shard.Then(new SessionAnswer(holder, opening, start.Replay) { LookedAt = entity });
        if (session.Waiters.Count > 0)
            shard.Then(new SessionWanted(holder, session.Waiters[0].Holder.Name) { LookedAt = entity });
    }

    private void Release(Shard shard, Entity entity, SessionState session, SessionEndReason reason, bool isOwnWish, string? newHolder)
    {
        if (session.Attached is not { } holder)
            return;
        watches.Remove(entity, holder);
        session.Attached = null;
        shard.Then(isOwnWish ? new SessionReleased(holder) : new SessionOver(holder, reason, newHolder));
    }
}
