using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// The fields of a JSON object in a request. Says where something is wrong: <c>operations[2].path</c>. What is asked for is remembered, so that a misspelt field is
/// found instead of being passed over (<see cref="EndOfFields"/>).
/// </summary>
public sealed class JsonFields
{
    // No object of a request has as many, so that what is kept of one does not grow with what a caller sends.
    private const int MaxFields = 32;

    private readonly List<JsonField> _fields;
    private uint _asked;

    /// <summary>Takes an object.</summary>
    /// <param name="element">The object.</param>
    /// <param name="place">Where it stands in the body; empty for all of it.</param>
    /// <exception cref="ProblemException">It is no object, a field's name is no text, or a field is there twice.</exception>
    public JsonFields(JsonElement element, string place = "")
    {
        Place = place;
        if (element.ValueKind != JsonValueKind.Object)
            throw Invalid(place, "has to be an object");
        var count = element.GetPropertyCount();
        if (count > MaxFields)
            throw Invalid(place, $"has more than {MaxFields} fields");
        _fields = new List<JsonField>(count);
        foreach (var property in element.EnumerateObject())
        {
            var name = NameOf(property, place);
            if (IndexOf(name) >= 0)
                throw FieldFaults.Twice(At(name));
            _fields.Add(new JsonField(name, property.Value));
        }
    }

    /// <summary>Where it stands in the body.</summary>
    public string Place { get; }

    /// <summary>A text; null when it is not there.</summary>
    public string? Text(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? TextOf(value, name)
        : throw FieldFaults.NotText(At(name));

    /// <summary>A text that has to be there.</summary>
    public string RequiredText(string name) => Text(name) ?? throw FieldFaults.Missing(At(name));

    /// <summary>A whole number from 0 on; null when it is not there.</summary>
    public long? Count(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number
        : throw Invalid(At(name), "has to be a whole number from 0 on");

    /// <summary>True or false; null when it is not there.</summary>
    public bool? Flag(string name) => Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw FieldFaults.NotFlag(At(name));

    /// <summary>A path that has to be there.</summary>
    public Documents.Path RequiredPath(string name)
    {
        var text = RequiredText(name);
        return Documents.Path.TryParse(text, out var path) ? path : throw Refused(new DocumentException(DocumentError.InvalidPath, detail: $"'{text}' is no path"), At(name));
    }

    /// <summary>A value of a document, in its JSON form; absent when it is not there.</summary>
    public Value Value(string name) => Find(name) is { } element ? ReadValue(element, At(name)) : default;

    /// <summary>A value of a document, in its JSON form.</summary>
    /// <param name="element">The value.</param>
    /// <param name="place">Where it stands.</param>
    /// <exception cref="ProblemException">It can't stand in a document.</exception>
    public static Value ReadValue(JsonElement element, string place)
    {
        try
        {
            var reader = new Utf8JsonReader(Utf8Of(element), new JsonReaderOptions { MaxDepth = 80 });
            reader.Read();
            return DocumentJson.ReadValue(ref reader);
        }
        catch (DocumentException exception)
        {
            throw Refused(exception, place);
        }
    }

    /// <summary>A value of a document that has to be there.</summary>
    public Value RequiredValue(string name)
    {
        var value = Value(name);
        return value.IsNone ? throw FieldFaults.Missing(At(name)) : value;
    }

    /// <summary>A document, in its JSON form; null when it is not there.</summary>
    public Document? Document(string name)
    {
        if (Find(name) is not { } element)
            return null;
        try
        {
            return DocumentJson.Parse(Utf8Of(element));
        }
        catch (DocumentException exception)
        {
            throw Refused(exception, At(name));
        }
    }

    /// <summary>The objects of a list; null when it is not there.</summary>
    /// <param name="name">The field.</param>
    /// <param name="max">The most that it may have: where there are more, none of them is looked at.</param>
    public JsonObjects? Objects(string name, int max)
    {
        if (Find(name) is not { } list)
            return null;
        if (list.ValueKind != JsonValueKind.Array)
            throw Invalid(At(name), "has to be a list");
        return list.GetArrayLength() <= max ? new JsonObjects(list, At(name)) : throw Invalid(At(name), $"has more than {max} items");
    }

    /// <summary>The objects of a list that has to be there.</summary>
    /// <param name="name">The field.</param>
    /// <param name="max">The most that it may have: where there are more, none of them is looked at.</param>
    public JsonObjects RequiredObjects(string name, int max) => Objects(name, max) ?? throw FieldFaults.Missing(At(name));

    /// <summary>To be called when all fields have been asked for.</summary>
    /// <exception cref="ProblemException">There is a field that nobody asked for.</exception>
    public void EndOfFields()
    {
        for (var i = 0; i < _fields.Count; i++)
        {
            if ((_asked & (1u << i)) == 0)
                throw FieldFaults.Unknown(At(_fields[i].Name));
        }
    }

    /// <summary>Says that something at a field is wrong.</summary>
    public ProblemException Wrong(string name, string what) => Invalid(At(name), what);

    /// <summary>Says that something at a place is wrong.</summary>
    public static ProblemException Invalid(string place, string what) => new(ErrorCodes.InvalidRequest, $"{(place.Length == 0 ? "The body" : $"'{place}'")} {what}.");

    /// <summary>Says that a document's rule is broken at a place.</summary>
    public static ProblemException Refused(DocumentException exception, string place) =>
        new(new Error { Code = exception.Error.Code(), Message = place.Length == 0 ? exception.Message : $"'{place}': {exception.Message}", Path = exception.Path?.ToString() ?? "" });

    /// <summary>The name of a property.</summary>
    /// <param name="property">The property.</param>
    /// <param name="place">Where its object stands.</param>
    /// <exception cref="ProblemException">It is JSON and still no text: an escaped lone surrogate.</exception>
    public static string NameOf(JsonProperty property, string place)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw FieldFaults.NameNoUnicode(place);
        }
    }

    private JsonElement? Find(string name)
    {
        var index = IndexOf(name);
        if (index < 0)
            return null;
        _asked |= 1u << index;
        return _fields[index].Value;
    }

    private int IndexOf(string name)
    {
        for (var i = 0; i < _fields.Count; i++)
        {
            if (string.Equals(_fields[i].Name, name, StringComparison.Ordinal))
                return i;
        }

        return -1;
    }

    private string TextOf(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate is JSON and still no text.
            throw FieldFaults.NoUnicode(At(name));
        }
    }

    private string At(string name) => Place.Length == 0 ? name : $"{Place}.{name}";

    private static ReadOnlySpan<byte> Utf8Of(JsonElement element) => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element);

    private readonly record struct JsonField(string Name, JsonElement Value);
}
