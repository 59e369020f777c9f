using Savepoint.Engine.Entities;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Sessions;

/// <summary>Those who wait for the session of an entity, in the order in which they came, each until its time is over. Under the shard's lock.</summary>
internal sealed class SessionLine(EngineContext context)
{
    /// <summary>Puts a holder-to-be at the end, and tells the holder that somebody wants the session.</summary>
    public void Join(Shard shard, Entity entity, SessionState session, SessionHolder holder)
    {
        // The same request again, from a new connection, takes the place of the one before.
        session.Waiters.RemoveAll(waiter => waiter.Holder.Writer == holder.Writer && waiter.Holder.Request == holder.Request);
        if (session.Waiters.Count >= context.Options.MaxSessionWaiters)
        {
            SessionDesk.Answer(shard, holder, new Refusal(RefusalCode.Overloaded) { Key = entity.Key, Detail = "too many wait for this session", Holder = session.Holder });
            return;
        }

        session.Waiters.Add(new SessionWaiter(holder, context.Now + holder.WaitTimeout.Ticks));
        shard.SessionsToMind.Add(entity);
        if (session.Attached is { } attached)
            shard.Then(new SessionWanted(attached, holder.Name) { LookedAt = entity });
    }

    /// <summary>Ends the waits that took too long.</summary>
    public void EndOverdue(Shard shard, Entity entity, SessionState session)
    {
        for (var i = session.Waiters.Count - 1; i >= 0; i--)
        {
            if (session.Waiters[i].Deadline > context.Now)
                continue;
            SessionDesk.Answer(shard, session.Waiters[i].Holder, new Refusal(RefusalCode.SessionWaitTimeout) { Key = entity.Key, Holder = session.Holder });
            session.Waiters.RemoveAt(i);
        }
    }

    /// <summary>Ends all waits in a shard, because the engine stops or the shard is handed over.</summary>
    public static void EndAll(Shard shard, Refusal refusal)
    {
        foreach (var entity in shard.SessionsToMind)
        {
            var waiters = entity.Extras!.Session!.Waiters;
            foreach (var waiter in waiters)
                SessionDesk.Answer(shard, waiter.Holder, refusal with { Key = entity.Key });
            waiters.Clear();
        }
    }
}
