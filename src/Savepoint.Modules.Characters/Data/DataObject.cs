using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Savepoint.Modules.Characters.Data;

/// <summary>
/// Reads the properties of one JSON object and notes all that is wrong with them, instead of stopping at the first.
/// What can't be read counts as its default, so that reading goes on. <see cref="End"/> notes the properties that nobody asked for.
/// </summary>
internal sealed class DataObject
{
    private readonly Dictionary<string, JsonElement> _unread = [];
    private readonly string _place;
    private readonly List<RulebookError> _errors;

    public DataObject(JsonElement element, string place, List<RulebookError> errors)
    {
        _place = place;
        _errors = errors;
        if (element.ValueKind != JsonValueKind.Object)
        {
            Wrong("is no object");
            return;
        }
        foreach (var property in element.EnumerateObject())
        {
            if (!_unread.TryAdd(property.Name, property.Value))
                Wrong("is there twice", property.Name);
        }
    }

    /// <summary>Whether a property is there and was not read yet.</summary>
    public bool Has(string name) => _unread.ContainsKey(name);

    public string Text(string name) => Take(name, JsonValueKind.String) is not { } value ? "" : NotBlank(value.GetString()!, name);

    public long Number(string name, long least, long most, long? missing = null)
    {
        if (Take(name, JsonValueKind.Number, optional: missing is not null) is not { } value)
            return missing ?? least;
        if (value.TryGetInt64(out var number) && number >= least && number <= most)
            return number;
        Wrong($"is no whole number from {least} to {most}", name);
        return least;
    }

    public int Small(string name, int least, int most, int? missing = null) => (int)Number(name, least, most, missing);

    public decimal Weight(string name)
    {
        if (Take(name, JsonValueKind.Number) is not { } value)
            return 0;
        if (value.TryGetDecimal(out var weight) && weight is >= 0 and <= 10_000)
            return weight;
        Wrong("is no weight in pounds", name);
        return 0;
    }

    public bool Flag(string name, bool missing = false)
    {
        if (!_unread.Remove(name, out var value))
            return missing;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Wrong("is neither true nor false", name);
        return missing;
    }

    /// <summary>A word that stands for a member of an enum, such as <c>two-handed</c>.</summary>
    public T Word<T>(string name)
        where T : struct, Enum => Take(name, JsonValueKind.String) is { } value && TryWord<T>(value.GetString()!, name, out var member) ? member : default;

    public IReadOnlySet<T> Words<T>(string name, bool optional = false)
        where T : struct, Enum
    {
        var members = new HashSet<T>();
        foreach (var text in Texts(name, optional))
        {
            if (TryWord<T>(text, name, out var member))
                members.Add(member);
        }
        return members;
    }

    public IReadOnlySet<string> Texts(string name, bool optional = false)
    {
        var texts = new HashSet<string>();
        if (Take(name, JsonValueKind.Array, optional) is not { } value)
            return texts;
        foreach (var element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.String)
                Wrong("has something other than words in it", name);
            else if (!texts.Add(element.GetString()!))
                Wrong($"has '{element.GetString()}' twice", name);
        }
        return texts;
    }

    public bool TryObject(string name, [NotNullWhen(true)] out DataObject? child, bool optional = true)
    {
        child = Take(name, JsonValueKind.Object, optional) is { } value ? new DataObject(value, Place(name), _errors) : null;
        return child is not null;
    }

    public bool TryText(string name, [NotNullWhen(true)] out string? text)
    {
        text = Take(name, JsonValueKind.String, optional: true)?.GetString();
        return text is not null;
    }

    public List<T> Objects<T>(string name, Func<DataObject, T> read, bool optional = false)
    {
        if (Take(name, JsonValueKind.Array, optional) is not { } value)
            return [];
        return value.EnumerateArray().Select((element, index) =>
        {
            var item = new DataObject(element, $"{Place(name)}[{index}]", _errors);
            var result = read(item);
            item.End();
            return result;
        }).ToList();
    }

    /// <summary>Notes every property that was not asked for.</summary>
    public void End()
    {
        foreach (var name in _unread.Keys)
            Wrong("is unknown", name);
        _unread.Clear();
    }

    public void Wrong(string problem, string? property = null) => _errors.Add(new RulebookError(property is null ? _place : Place(property), problem));

    private bool TryWord<T>(string text, string name, out T member)
        where T : struct, Enum
    {
        var known = EnumWords.TryParse(text, out member);
        if (!known)
            Wrong($"'{text}' is none of: {string.Join(", ", EnumWords.All<T>())}", name);
        return known;
    }

    private string NotBlank(string text, string name)
    {
        if (string.IsNullOrWhiteSpace(text))
            Wrong("is blank", name);
        return text;
    }

    private JsonElement? Take(string name, JsonValueKind kind, bool optional = false)
    {
        if (!_unread.Remove(name, out var value))
        {
            if (!optional)
                Wrong("is missing", name);
            return null;
        }
        if (value.ValueKind == kind)
            return value;
        Wrong($"is no {kind.ToString().ToLowerInvariant()}", name);
        return null;
    }

    private string Place(string name) => _place.Length == 0 ? name : $"{_place}.{name}";
}
