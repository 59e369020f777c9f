using System.Diagnostics;

namespace Savepoint.Bench.Push;

/// <summary>An open loop: says when each of so many things a second is due, however long those before it take. For a flow that may wait.</summary>
internal sealed class Pace(int rate, TimeSpan duration)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly long _count = (long)(rate * duration.TotalSeconds);
    private long _next;

    /// <summary>Waits until the next is due.</summary>
    /// <param name="index">Which it is, from 0.</param>
    /// <param name="due">When it was due, in ticks of the monotonic clock.</param>
    /// <returns>False when the time is over.</returns>
    public bool TryNext(out long index, out long due)
    {
        index = _next++;
        due = _started + (index * Stopwatch.Frequency / rate);
        if (index >= _count)
            return false;
        while (Stopwatch.GetTimestamp() < due)
            Thread.Sleep(1);
        return true;
    }
}
