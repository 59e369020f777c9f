using Savepoint.Engine.Journal;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Writers;

namespace Savepoint.Engine.Sessions;

/// <summary>
/// Remembers openings that were granted, as the outcomes of numbered requests (I4): the same request again never opens a second session, nor steals
/// one a second time. All methods run under the shard's lock.
/// </summary>
internal sealed class OpeningOutcomes(EngineContext context)
{
    /// <summary>Stands for "an opening" where units have a hash of their content: a number is an opening's or a unit's.</summary>
    public const ulong Fingerprint = 0x6F70_656E_696E_6721;

    /// <summary>
    /// Notes on arrival what the writer has received, and whether the request has been answered. Later it may say more while the opening still waits, for its
    /// entity or its turn, and the answer is forgotten: clients don't hold back what they have received for the sake of one that takes minutes.
    /// </summary>
    public static void Arrive(Shard shard, SessionHolder holder)
    {
        if (holder.HasArrived || !IsNumbered(holder))
            return;
        holder.HasArrived = true;
        if (!shard.Writers.TryGet(holder.Writer, out var writer))
            return;
        holder.IsForgotten = holder.Request <= writer.ReceivedThrough;
        holder.WasGranted = writer.TryFind(holder.Request, out var outcome) && outcome.Fingerprint == Fingerprint;
        writer.Received(holder.ReceivedThrough);
    }

    /// <summary>Looks for an earlier outcome of the same request, whose session is not the present one.</summary>
    /// <returns>The answer; null when there is none, and the session may be given to it.</returns>
    public Refusal? Find(Shard shard, SessionState session, SessionHolder holder)
    {
        if (!IsNumbered(holder))
            return null;
        if (holder.IsForgotten)
            return new Refusal(RefusalCode.RequestForgotten);
        if (holder.WasGranted)
            return SessionRules.Lost(session);
        if (shard.Writers.Admit(holder.Writer, context.CoarseNow, out var writer) is { } refusal)
            return refusal;
        if (writer.TryFind(holder.Request, out var outcome))
            return outcome.Fingerprint == Fingerprint ? SessionRules.Lost(session) : new Refusal(RefusalCode.RequestReused);
        return shard.Writers.CheckRoom(writer);
    }

    /// <summary>Makes sure that a granted opening can be remembered: it may have waited for long.</summary>
    public Refusal? Prepare(Shard shard, SessionHolder holder) =>
        IsNumbered(holder) ? shard.Writers.Admit(holder.Writer, context.CoarseNow, out _) : null;

    /// <summary>Lets the outcome ride on the record that opens the session.</summary>
    public static void RideOn(ref RecordHeader header, SessionHolder holder, long session)
    {
        if (IsNumbered(holder))
            (header.GrantedTo, header.Session) = (holder, session);
    }

    /// <summary>Remembers a granted opening, whose record is the newest. What was received meanwhile is refused without.</summary>
    public static void Remember(Shard shard, SessionHolder holder, long session)
    {
        if (!IsNumbered(holder) || !shard.Writers.TryGet(holder.Writer, out var writer) || holder.Request <= writer.ReceivedThrough)
            return;
        writer.Add(new WriterOutcome { Request = holder.Request, Sequence = shard.LastSequence, Fingerprint = Fingerprint, Version = session });
    }

    private static bool IsNumbered(SessionHolder holder) => holder.Writer != Guid.Empty && holder.Request > 0 && holder.Resume == 0;
}
