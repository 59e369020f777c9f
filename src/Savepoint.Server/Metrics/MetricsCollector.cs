using System.Diagnostics.Metrics;

namespace Savepoint.Server.Metrics;

/// <summary>Gathers what the process's meters publish, for <see cref="PrometheusWriter"/>.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private static readonly string[] Meters =
        ["System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    private readonly Lock _gate = new();
    private readonly List<InstrumentSeries> _instruments = [];
    private readonly MeterListener _listener = new();

    public MetricsCollector()
    {
        _listener.InstrumentPublished = Published;
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => Record((double)value, tags, state));
        _listener.Start();
    }

    /// <summary>Asks the instruments that are asked, and gives all of them by name.</summary>
    public IReadOnlyList<InstrumentSeries> Collect()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException)
        {
            // Thrown when all have been asked. One that can't be, as of a part that stops, says nothing this time.
        }

        lock (_gate)
            return [.. _instruments.OrderBy(instrument => instrument.Name, StringComparer.Ordinal)];
    }

    public void Dispose() => _listener.Dispose();

    private void Published(Instrument instrument, MeterListener listener)
    {
        if (!instrument.Meter.Name.StartsWith("Savepoint.", StringComparison.Ordinal) && !Meters.Contains(instrument.Meter.Name, StringComparer.Ordinal))
            return;
        var series = RequestDurations.Is(instrument) ? new RequestDurations(instrument) : new InstrumentSeries(instrument);
        lock (_gate)
            _instruments.Add(series);
        listener.EnableMeasurementEvents(instrument, series);
    }

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) => ((InstrumentSeries)state!).Record(value, tags);
}
