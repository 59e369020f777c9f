using System.Globalization;
using System.Text.Json;

namespace Savepoint.Bench;

/// <summary>The figures of one benchmark: a table for people, and one JSON object on the last line.</summary>
internal sealed class BenchReport(string bench)
{
    private readonly List<(string Name, object Value, string Label)> _figures = [];
    private readonly List<string> _failures = [];

    public BenchReport With(string name, object? value, string label)
    {
        if (value is not null)
            _figures.Add((name, value is double d ? Math.Round(d, d < 10 ? 3 : 1) : value, label));
        return this;
    }

    /// <summary>Notes a check of the benchmark's own that failed.</summary>
    public void Fail(string what) => _failures.Add(what);

    /// <summary>Prints the report.</summary>
    /// <returns>The exit code.</returns>
    public int Print()
    {
        Console.WriteLine();
        var width = _figures.Max(figure => figure.Label.Length);
        foreach (var (_, value, label) in _figures)
            Console.WriteLine($"  {label.PadRight(width)}  {Format(value),16}");
        foreach (var failure in _failures)
            Console.WriteLine($"  FAILED: {failure}");
        Console.WriteLine();

        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("bench", bench);
            foreach (var (name, value, _) in _figures)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(value is string text ? JsonEncodedText.Encode(text) is var e ? $"\"{e}\"" : "" : Convert.ToString(value, CultureInfo.InvariantCulture)!);
            }

            writer.WriteBoolean("ok", _failures.Count == 0);
            writer.WriteEndObject();
        }

        Console.WriteLine(System.Text.Encoding.UTF8.GetString(json.ToArray()));
        return _failures.Count == 0 ? 0 : 1;
    }

    private static string Format(object value) => value switch
    {
        long whole => whole.ToString("N0", CultureInfo.InvariantCulture),
        int whole => whole.ToString("N0", CultureInfo.InvariantCulture),
        double number => number.ToString(number < 1000 ? "0.###" : "N0", CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
