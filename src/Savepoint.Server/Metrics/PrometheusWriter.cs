using System.Globalization;
using System.Text;

namespace Savepoint.Server.Metrics;

/// <summary>Writes metrics in Prometheus' text format, version 0.0.4.</summary>
internal static class PrometheusWriter
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string DroppedName = "savepoint_metrics_dropped_total";

    public static string Write(IReadOnlyList<InstrumentSeries> instruments)
    {
        var text = new StringBuilder();
        foreach (var named in instruments.Where(static instrument => instrument.All.Count > 0).GroupBy(static instrument => instrument.Name, StringComparer.Ordinal))
            Write(text, [.. named]);

        Head(text, DroppedName, "Measurements under more combinations of tags than are kept.", "counter");
        Line(text, DroppedName, [], null, instruments.Sum(instrument => instrument.Dropped));
        return text.ToString();
    }

    /// <summary>Instruments of one name, as of several engines in a process, are one metric. Of two series with the same tags the first counts: both would make the page invalid.</summary>
    private static void Write(StringBuilder text, IReadOnlyList<InstrumentSeries> instruments)
    {
        var first = instruments[0];
        var kind = first.Kind switch { MetricKind.Counter => "counter", MetricKind.Histogram => "histogram", _ => "gauge" };
        Head(text, first.Name, first.Instrument.Description ?? "", kind);
        var written = new List<Series>();
        foreach (var series in instruments.Where(instrument => instrument.Kind == first.Kind).SelectMany(static instrument => instrument.All))
        {
            if (written.Exists(other => other.Has(series.Tags)))
                continue;
            written.Add(series);
            switch (series)
            {
                case SumSeries sum: Line(text, first.Name, series.Tags, null, sum.Value); break;
                case LastSeries last: Line(text, first.Name, series.Tags, null, last.Value); break;
                case HistogramSeries histogram: Histogram(text, first.Name, histogram); break;
            }
        }
    }

    private static void Histogram(StringBuilder text, string name, HistogramSeries histogram)
    {
        var counts = histogram.Counts();
        long total = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            var bound = i < histogram.Bounds.Length ? histogram.Bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
            Line(text, name + "_bucket", histogram.Tags, bound, total);
        }

        Line(text, name + "_sum", histogram.Tags, null, histogram.Sum);
        Line(text, name + "_count", histogram.Tags, null, total);
    }

    private static void Head(StringBuilder text, string name, string help, string kind) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(Escape(help)).Append('\n').Append("# TYPE ").Append(name).Append(' ').Append(kind).Append('\n');

    private static void Line(StringBuilder text, string name, KeyValuePair<string, object?>[] tags, string? bucket, double value)
    {
        text.Append(name);
        var separator = '{';
        foreach (var (key, tag) in tags)
        {
            text.Append(separator).Append(PrometheusNames.Label(key)).Append("=\"").Append(Escape(Convert.ToString(tag, CultureInfo.InvariantCulture) ?? "")).Append('"');
            separator = ',';
        }

        if (bucket is not null)
        {
            text.Append(separator).Append("le=\"").Append(bucket).Append('"');
            separator = ',';
        }

        if (separator == ',')
            text.Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
