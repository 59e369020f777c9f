using System.Numerics;

namespace Savepoint.Bench;

/// <summary>Counts durations in buckets that are at most 1/32 wide of their value; one writer at a time, merged in the end.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBuckets = 32;

    private readonly long[] _counts = new long[64 * SubBuckets];

    public long Count { get; private set; }

    public void Add(TimeSpan duration) => Add(duration.Ticks);

    public void Add(long ticks)
    {
        _counts[BucketOf(Math.Max(1, ticks))]++;
        Count++;
    }

    public void Merge(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
    }

    /// <summary>The duration that a share of all stays under, in milliseconds.</summary>
    public double PercentileMs(double share)
    {
        var left = (long)Math.Ceiling(Count * share);
        for (var i = 0; i < _counts.Length; i++)
        {
            left -= _counts[i];
            if (left <= 0)
                return new TimeSpan(UpperEnd(i)).TotalMilliseconds;
        }

        return 0;
    }

    private static int BucketOf(long ticks)
    {
        var exponent = BitOperations.Log2((ulong)ticks);
        var within = exponent < 5 ? ticks - (1L << exponent) : (ticks >> (exponent - 5)) - SubBuckets;
        return (exponent * SubBuckets) + (int)within;
    }

    private static long UpperEnd(int bucket)
    {
        var (exponent, within) = (bucket / SubBuckets, bucket % SubBuckets);
        return exponent < 5 ? (1L << exponent) + within : (long)(SubBuckets + within + 1) << (exponent - 5);
    }
}
