namespace Savepoint.Server.Metrics;

/// <summary>One combination of an instrument's tags, and what was measured under it. Written by many threads, read by the exporter.</summary>
internal abstract class Series(KeyValuePair<string, object?>[] tags)
{
    /// <summary>In the order in which they were measured.</summary>
    public KeyValuePair<string, object?>[] Tags { get; } = tags;

    public abstract void Record(double value);

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != Tags.Length)
            return false;
        for (var i = 0; i < tags.Length; i++)
        {
            if (!string.Equals(tags[i].Key, Tags[i].Key, StringComparison.Ordinal) || !Equals(tags[i].Value, Tags[i].Value))
                return false;
        }

        return true;
    }
}

/// <summary>Adds up.</summary>
internal sealed class SumSeries(KeyValuePair<string, object?>[] tags) : Series(tags)
{
    private double _value;

    public double Value => Volatile.Read(ref _value);

    public override void Record(double value) => Add(ref _value, value);

    internal static void Add(ref double target, double value)
    {
        var seen = Volatile.Read(ref target);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref target, seen + value, seen);
            if (before.Equals(seen))
                return;
            seen = before;
        }
    }
}

/// <summary>Keeps the last value.</summary>
internal sealed class LastSeries(KeyValuePair<string, object?>[] tags) : Series(tags)
{
    private double _value;

    public double Value => Volatile.Read(ref _value);

    public override void Record(double value) => Volatile.Write(ref _value, value);
}

/// <summary>Counts values by size.</summary>
internal sealed class HistogramSeries(KeyValuePair<string, object?>[] tags, double[] bounds) : Series(tags)
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public double[] Bounds { get; } = bounds;

    public double Sum => Volatile.Read(ref _sum);

    public override void Record(double value)
    {
        var bucket = Array.BinarySearch(Bounds, value);
        Interlocked.Increment(ref _counts[bucket < 0 ? ~bucket : bucket]);
        SumSeries.Add(ref _sum, value);
    }

    /// <summary>How many values each bucket holds; the last one has those over all bounds.</summary>
    public long[] Counts() => [.. _counts.Select((_, i) => Interlocked.Read(ref _counts[i]))];
}
