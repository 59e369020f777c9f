using System.Runtime.CompilerServices;

namespace Savepoint.Simulation;

/// <summary>
/// Says what broke a promise: put together only where one is broken. Texts that nobody read took a tenth of a seed's time.
/// </summary>
[InterpolatedStringHandler]
internal ref struct ViolationText
{
    private DefaultInterpolatedStringHandler _text;

    public ViolationText(int literalLength, int formattedCount, bool isRight, out bool isNeeded)
    {
        isNeeded = !isRight;
        _text = isRight ? default : new DefaultInterpolatedStringHandler(literalLength, formattedCount);
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public string ToStringAndClear() => _text.ToStringAndClear();
}
