using Savepoint.Engine.Units;

namespace Savepoint.Engine.Ownership;

/// <summary>
/// Until when this process may answer from memory and start commits. The journal keeps two owners from writing whatever the clocks say; the lease keeps
/// a former owner, that was paused, say, from answering reads that the next one's changes have overtaken. Asked for every request, and of the clock
/// itself: a time that was looked up before a pause would say that the lease still holds.
/// </summary>
internal sealed class Lease(TimeProvider time)
{
    private static readonly Refusal Over =
        new(RefusalCode.Unavailable) { Detail = "the server's lease is over", RetryAfter = TimeSpan.FromMilliseconds(250), ConcernsOwnership = true };

    // A timestamp of the clock; the highest of all when there is no end.
    private long _until = long.MaxValue;

    // Since when it has held without a break, as a timestamp; 0 when it was never over.
    private long _since;

    public bool IsOver => Volatile.Read(ref _until) is var until && until != long.MaxValue && time.GetTimestamp() >= until;

    /// <summary>For how long it has held without a break: before that, whoever came was refused, and left no trace.</summary>
    public TimeSpan HeldFor => IsOver ? TimeSpan.Zero : time.GetElapsedTime(Volatile.Read(ref _since));

    /// <summary>What requests get while it is over; null while it holds.</summary>
    public Refusal? Refusal => IsOver ? Over : null;

    /// <summary>Lets it last until a time after a moment. It never ends earlier than said before, but the first call ends the time without an end.</summary>
    public void Extend(long sentAt, TimeSpan duration)
    {
        var until = sentAt + (long)(duration.TotalSeconds * time.TimestampFrequency);
        for (var before = Volatile.Read(ref _until); before == long.MaxValue || before < until;)
        {
            if (before != long.MaxValue && time.GetTimestamp() is var now && now >= before)
                Volatile.Write(ref _since, now);
            var found = Interlocked.CompareExchange(ref _until, until, before);
            if (found == before)
                return;
            before = found;
        }
    }
}
