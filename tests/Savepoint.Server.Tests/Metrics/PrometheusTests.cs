using System.Diagnostics.Metrics;
using Savepoint.Server.Metrics;

namespace Savepoint.Server.Tests.Metrics;

public sealed class PrometheusTests
{
    [Theory]
    [InlineData("savepoint.commit.duration", "s", MetricKind.Histogram, "savepoint_commit_duration_seconds")]
    [InlineData("savepoint.streams.received", "By", MetricKind.Counter, "savepoint_streams_received_bytes_total")]
    [InlineData("savepoint.streams.requests", "{request}", MetricKind.Counter, "savepoint_streams_requests_total")]
    [InlineData("savepoint.sessions", null, MetricKind.Gauge, "savepoint_sessions")]
    [InlineData("a.total", "1", MetricKind.Counter, "a_total")]
    [InlineData("9-lives", "", MetricKind.Gauge, "_9_lives")]
    internal void Names_follow_Prometheus_rules(string name, string? unit, MetricKind kind, string expected) => PrometheusNames.Of(name, unit, kind).ShouldBe(expected);

    [Fact]
    public void Counters_gauges_and_histograms_are_written()
    {
        using var meter = new Meter("Savepoint.Test1");
        using var collector = new MetricsCollector();
        var requests = meter.CreateCounter<long>("test1.requests", "{request}", "What \"was\" asked.\nTwice.");
        requests.Add(2, new KeyValuePair<string, object?>("code", "ok"));
        requests.Add(1, new KeyValuePair<string, object?>("code", "a\"b\\c\nd"));
        requests.Add(3, new KeyValuePair<string, object?>("code", "ok"));
        meter.CreateUpDownCounter<int>("test1.open").Add(-4);
        meter.CreateObservableGauge("test1.depth", () => 1.5);
        var duration = meter.CreateHistogram("test1.duration", "s", "", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in new[] { 0.1, 0.5, 5 })
            duration.Record(value);

        Written(collector, "test1").ShouldBe(
        [
            "# HELP test1_depth ",
            "# TYPE test1_depth gauge",
            "test1_depth 1.5",
            "# HELP test1_duration_seconds ",
            "# TYPE test1_duration_seconds histogram",
            "test1_duration_seconds_bucket{le=\"0.1\"} 1",
            "test1_duration_seconds_bucket{le=\"1\"} 2",
            "test1_duration_seconds_bucket{le=\"+Inf\"} 3",
            "test1_duration_seconds_sum 5.6",
            "test1_duration_seconds_count 3",
            "# HELP test1_open ",
            "# TYPE test1_open gauge",
            "test1_open -4",
            "# HELP test1_requests_total What \\\"was\\\" asked.\\nTwice.",
            "# TYPE test1_requests_total counter",
            "test1_requests_total{code=\"ok\"} 5",
            "test1_requests_total{code=\"a\\\"b\\\\c\\nd\"} 1",
        ]);
    }

    [Fact]
    public void Instruments_of_one_name_are_one_metric_and_no_series_is_there_twice()
    {
        using var first = new Meter("Savepoint.Test4");
        using var second = new Meter("Savepoint.Test4");
        using var collector = new MetricsCollector();
        first.CreateCounter<long>("test4.units").Add(1, new KeyValuePair<string, object?>("database", "0-63"));
        var units = second.CreateCounter<long>("test4.units");
        units.Add(2, new KeyValuePair<string, object?>("database", "0-31"));
        units.Add(3, new KeyValuePair<string, object?>("database", "0-63"));

        Written(collector, "test4").ShouldBe(
        [
            "# HELP test4_units_total ",
            "# TYPE test4_units_total counter",
            "test4_units_total{database=\"0-63\"} 1",
            "test4_units_total{database=\"0-31\"} 2",
        ]);
    }

    [Fact]
    public void Tags_that_anyone_can_make_up_do_not_fill_the_memory()
    {
        using var meter = new Meter("Savepoint.Test2");
        using var collector = new MetricsCollector();
        var counter = meter.CreateCounter<long>("test2.requests");
        for (var i = 0; i < 1_000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("user", i));
        Written(collector, "test2").Length.ShouldBe(2 + InstrumentSeries.MaxSeries);
        PrometheusWriter.Write(collector.Collect()).ShouldContain("savepoint_metrics_dropped_total 744\n");
    }

    [Fact]
    public async Task Many_threads_count_right()
    {
        using var meter = new Meter("Savepoint.Test3");
        using var collector = new MetricsCollector();
        var counter = meter.CreateCounter<long>("test3.requests");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
                counter.Add(1, new KeyValuePair<string, object?>("n", i % 10));
        })));
        for (var i = 0; i < 10; i++)
            Written(collector, "test3").ShouldContain($"test3_requests_total{{n=\"{i}\"}} 8000");
    }

    [Fact]
    public void Meters_of_others_are_left_out()
    {
        using var meter = new Meter("Somebody.Else");
        using var collector = new MetricsCollector();
        meter.CreateCounter<long>("else.requests").Add(1);
        Written(collector, "else").ShouldBeEmpty();
    }

    private static string[] Written(MetricsCollector collector, string prefix) =>
        [.. PrometheusWriter.Write(collector.Collect()).Split('\n').Where(line => line.StartsWith(prefix, StringComparison.Ordinal) || line.StartsWith($"# HELP {prefix}", StringComparison.Ordinal) || line.StartsWith($"# TYPE {prefix}", StringComparison.Ordinal))];
}
