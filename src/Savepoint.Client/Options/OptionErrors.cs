namespace Savepoint.Client;

/// <summary>Gathers what is wrong with options, so that all of it is reported at once.</summary>
internal sealed class OptionErrors
{
    private readonly List<string> _errors = [];

    public void AddIf(bool wrong, string error)
    {
        if (wrong)
            _errors.Add(error);
    }

    public void Range<T>(T value, T min, T max, string name)
        where T : IComparable<T> =>
        AddIf(value.CompareTo(min) < 0 || value.CompareTo(max) > 0, $"{name} is {value} and has to be {min} to {max}.");

    public void ThrowIfAny()
    {
        if (_errors.Count > 0)
            throw new ArgumentException(string.Join(" ", _errors));
    }
}
