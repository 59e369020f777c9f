using System.Collections;
using System.Text.Json;

namespace Savepoint.Hosting.Requests;

/// <summary>A list of objects in a request. Each is read when it is its turn, so that the list takes no more memory than its text.</summary>
public sealed class JsonObjects : IEnumerable<JsonObjectItem>
{
    private readonly JsonElement _list;
    private readonly string _place;

    internal JsonObjects(JsonElement list, string place) => (_list, _place) = (list, place);

    /// <summary>How many there are.</summary>
    public int Count => _list.GetArrayLength();

    /// <inheritdoc/>
    public IEnumerator<JsonObjectItem> GetEnumerator()
    {
        var index = 0;
        foreach (var item in _list.EnumerateArray())
            yield return new JsonObjectItem(item, _place, index++);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>One of a list of objects, which has not been looked at yet.</summary>
/// <param name="Element">The item.</param>
/// <param name="List">Where the list stands.</param>
/// <param name="Index">Its place in the list.</param>
public readonly record struct JsonObjectItem(JsonElement Element, string List, int Index)
{
    /// <summary>Its fields.</summary>
    /// <exception cref="Problems.ProblemException">It is no object; see <see cref="JsonFields(JsonElement, string)"/>.</exception>
    public JsonFields Read() => new(Element, $"{List}[{Index}]");
}
