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
    private readonly JsonElement _object;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Takes an object.</summary>
    /// <param name="element">The object.</param>
    /// <param name="place">Where it stands in the body; empty for all of it.</param>
    /// <exception cref="ProblemException">It is no object.</exception>
    public JsonFields(JsonElement element, string place = "")
    {
        (_object, Place) = (element, place);
        if (element.ValueKind != JsonValueKind.Object)
            throw Invalid(place, "has to be an object");
    }

    /// <summary>Where it stands in the body.</summary>
    public string Place { get; }

    /// <summary>A text; null when it is not there.</summary>
    public string? Text(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? TextOf(value, name)
        : throw Invalid(At(name), "has to be a text");

    /// <summary>A text that has to be there.</summary>
    public string RequiredText(string name) => Text(name) ?? throw Invalid(At(name), "is missing");

    /// <summary>A whole number from 0 on; null when it is not there.</summary>
    public long? Count(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number
        : throw Invalid(At(name), "has to be a whole number from 0 on");

    /// <summary>True or false; null when it is not there.</summary>
    public bool? Flag(string name) => Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Invalid(At(name), "has to be true or false");

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
        return value.IsNone ? throw Invalid(At(name), "is missing") : value;
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
    public IReadOnlyList<JsonFields>? Objects(string name)
    {
        if (Find(name) is not { } list)
            return null;
        if (list.ValueKind != JsonValueKind.Array)
            throw Invalid(At(name), "has to be a list");
        return [.. list.EnumerateArray().Select((item, index) => new JsonFields(item, $"{At(name)}[{index}]"))];
    }

    /// <summary>The objects of a list that has to be there.</summary>
    public IReadOnlyList<JsonFields> RequiredObjects(string name) => Objects(name) ?? throw Invalid(At(name), "is missing");

    /// <summary>To be called when all fields have been asked for.</summary>
    /// <exception cref="ProblemException">There is a field that nobody asked for, or one is there twice.</exception>
    public void EndOfFields()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in _object.EnumerateObject())
        {
            var name = NameOf(property);
            if (!_known.Contains(name))
                throw Invalid(At(name), "is not known here");
            if (!seen.Add(name))
                throw Invalid(At(name), "is there twice");
        }
    }

    /// <summary>Says that something at a field is wrong.</summary>
    public ProblemException Wrong(string name, string what) => Invalid(At(name), what);

    /// <summary>Says that something at a place is wrong.</summary>
    public static ProblemException Invalid(string place, string what) => new(ErrorCodes.InvalidRequest, $"{(place.Length == 0 ? "The body" : $"'{place}'")} {what}.");

    /// <summary>Says that a document's rule is broken at a place.</summary>
    public static ProblemException Refused(DocumentException exception, string place) =>
        new(new Error { Code = exception.Error.Code(), Message = place.Length == 0 ? exception.Message : $"'{place}': {exception.Message}", Path = exception.Path?.ToString() ?? "" });

    private JsonElement? Find(string name)
    {
        _known.Add(name);
        return _object.TryGetProperty(name, out var value) ? value : null;
    }

    private string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw Invalid(Place, "has a field whose name is no valid Unicode");
        }
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
            throw Invalid(At(name), "is no valid Unicode");
        }
    }

    private string At(string name) => Place.Length == 0 ? name : $"{Place}.{name}";

    private static ReadOnlySpan<byte> Utf8Of(JsonElement element) => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element);
}
