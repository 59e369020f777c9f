using System.Text;

namespace Savepoint.Server.Metrics;

/// <summary>Makes Prometheus names of the names and units of instruments: <c>savepoint.commit.duration</c> in <c>s</c> is <c>savepoint_commit_duration_seconds</c>.</summary>
internal static class PrometheusNames
{
    public static string Of(string name, string? unit, MetricKind kind)
    {
        var result = new StringBuilder(Label(name));
        var suffix = Suffix(unit);
        if (suffix.Length > 0 && !EndsWith(result, suffix))
            result.Append('_').Append(suffix);
        if (kind == MetricKind.Counter && !EndsWith(result, "total"))
            result.Append("_total");
        return result.ToString();
    }

    /// <summary>Names may have letters, digits and underscores, and begin with no digit.</summary>
    public static string Label(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (var c in name)
            result.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        if (result.Length == 0 || char.IsAsciiDigit(result[0]))
            result.Insert(0, '_');
        return result.ToString();
    }

    private static bool EndsWith(StringBuilder name, string suffix) => name.ToString().EndsWith("_" + suffix, StringComparison.Ordinal);

    // {requests} and the like are annotations, which say what is counted and are no unit.
    private static string Suffix(string? unit) => unit switch
    {
        null or "" or "1" => "",
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        _ => unit.StartsWith('{') ? "" : Label(unit),
    };
}
