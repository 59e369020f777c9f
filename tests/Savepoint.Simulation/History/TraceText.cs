using System.Runtime.CompilerServices;

namespace Savepoint.Simulation;

/// <summary>What a line of the trace says: put together only where somebody wants lines.</summary>
[InterpolatedStringHandler]
internal ref struct TraceText
{
    private DefaultInterpolatedStringHandler _text;

    public TraceText(int literalLength, int formattedCount, History history, out bool isNeeded)
    {
        isNeeded = history.Trace.IsOn;
        _text = isNeeded ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <summary>For what is of one type or another.</summary>
    public void AppendFormatted(object? value) => _text.AppendFormatted(value);

    public string ToStringAndClear() => _text.ToStringAndClear();
}
