using Savepoint.Engine.Commits;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Sessions;

// What holders of sessions, and those who want to be, are told once the state that it builds on is committed.

/// <summary>An opening is answered, and its watch begins.</summary>
internal sealed class SessionAnswer(SessionHolder holder, SessionOpening opening, List<RecentDelta>? replay = null) : Effect
{
    public override void Run()
    {
        if (opening.Refusal is { } refusal)
        {
            holder.Refuse(refusal);
            return;
        }

        holder.IsStarted = opening.Session > 0;
        holder.OnOpened(opening);
        WatchDesk.Replay(holder, replay);
    }

    public override void Fail(Refusal refusal) => holder.Refuse(refusal);
}

/// <summary>A holder hears that somebody else wants its session.</summary>
internal sealed class SessionWanted(SessionHolder holder, string requester) : Effect
{
    public override void Run() => holder.OnRequested(requester);

    public override void Fail(Refusal refusal)
    {
        // The wish is gone with the state that it was made on.
    }
}

/// <summary>A holder hears that its session is over.</summary>
internal sealed class SessionOver(SessionHolder holder, SessionEndReason reason, string? newHolder) : Effect
{
    public override void Run()
    {
        holder.IsStarted = false;
        holder.OnEnded(reason, newHolder);
    }

    public override void Fail(Refusal refusal) => holder.Lose();
}

/// <summary>A holder hears that its writer has ended its session.</summary>
internal sealed class SessionReleased(SessionHolder holder) : Effect
{
    public override void Run()
    {
        holder.IsStarted = false;
        holder.OnReleased();
    }

    public override void Fail(Refusal refusal) => holder.Lose();
}

/// <summary>A holder gets a message.</summary>
internal sealed class MessageArrived(SessionHolder holder, EntityMessage message) : Effect
{
    public override void Run() => holder.OnMessage(message);

    public override void Fail(Refusal refusal)
    {
        // The message was not taken; its sender is told.
    }
}
