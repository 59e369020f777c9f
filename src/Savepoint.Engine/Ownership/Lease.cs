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

    public bool IsOver => Volatile.Read(ref _until) is var until && until != long.MaxValue && time.GetTimestamp() >= until;

    /// <summary>What requests get while it is over; null while it holds.</summary>
    public Refusal? Refusal => IsOver ? Over : null;

    /// <summary>Lets it last until a time after a moment. It never ends earlier than said before, but the first call ends the time without an end.</summary>
    public void Extend(long sentAt, TimeSpan duration)
    {
        var until = sentAt + (long)(duration.TotalSeconds * time.TimestampFrequency);
        for (var before = Volatile.Read(ref _until); before == long.MaxValue || before < until;)
        {
            var found = Interlocked.CompareExchange(ref _until, until, before);
            if (found == before)
                return;
            before = found;
        }
    }
}
