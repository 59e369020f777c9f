using System.Diagnostics.Metrics;

namespace Savepoint.Server.Metrics;

/// <summary>All series of one instrument; so many at most.</summary>
internal class InstrumentSeries
{
    /// <summary>More combinations of tags than this are not kept: whoever can make up a tag's value must not be able to fill the memory.</summary>
    public const int MaxSeries = 256;

    private static readonly double[] SecondBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] CountBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 100_000, 1_000_000];

    private readonly Lock _gate = new();
    private readonly double[] _bounds;
    private Series[] _series = [];

    public InstrumentSeries(Instrument instrument, double[]? bounds = null)
    {
        Instrument = instrument;
        Kind = KindOf(instrument);
        Name = PrometheusNames.Of(instrument.Name, instrument.Unit, Kind);
        _bounds = bounds ?? Bounds(instrument);
    }

    public Instrument Instrument { get; }

    public MetricKind Kind { get; }

    public string Name { get; }

    public IReadOnlyList<Series> All => _series;

    /// <summary>Measured under combinations of tags beyond the limit.</summary>
    public long Dropped { get; private set; }

    public virtual void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in _series)
        {
            if (series.Has(tags))
            {
                series.Record(value);
                return;
            }
        }

        Add(tags)?.Record(value);
    }

    /// <summary>The series of a combination of tags, made where it is new; null where there are too many.</summary>
    protected Series? Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            foreach (var known in _series)
            {
                if (known.Has(tags))
                    return known;
            }

            if (_series.Length == MaxSeries)
            {
                Dropped++;
                return null;
            }

            var series = New(tags.ToArray());
            _series = [.. _series, series];
            return series;
        }
    }

    private Series New(KeyValuePair<string, object?>[] tags) => Kind == MetricKind.Histogram
        ? new HistogramSeries(tags, _bounds)
        : Instrument.IsObservable || IsGauge(Instrument) ? new LastSeries(tags) : new SumSeries(tags);

    private static bool IsGauge(Instrument instrument) => IsOf(instrument, typeof(Gauge<>));

    private static MetricKind KindOf(Instrument instrument) =>
        IsOf(instrument, typeof(Histogram<>)) ? MetricKind.Histogram
        : IsOf(instrument, typeof(Counter<>)) || IsOf(instrument, typeof(ObservableCounter<>)) ? MetricKind.Counter
        : MetricKind.Gauge;

    private static bool IsOf(Instrument instrument, Type generic)
    {
        for (var type = instrument.GetType(); type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == generic)
                return true;
        }

        return false;
    }

    private static double[] Bounds(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => instrument.Unit == "s" ? SecondBounds : CountBounds,
    };
}

/// <summary>What Prometheus calls a metric.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
