using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Profiles.Changing;

/// <summary>
/// Turns a JSON merge patch (RFC 7396) into a delta: null takes a property away, an object is merged into the map that is there, everything else is set. It takes
/// no look at the document, so an object can't take the place of something that is no map: that is refused. An object without fields changes nothing.
/// </summary>
internal static class MergePatch
{
    /// <summary>The content type.</summary>
    public const string ContentType = "application/merge-patch+json";

    /// <exception cref="ProblemException">A value can't stand in a document; the message says which.</exception>
    public static byte[] Read(JsonElement patch)
    {
        var delta = new DeltaWriter();
        Merge(patch, Path.Root, delta);
        return delta.ToArray();
    }

    private static void Merge(JsonElement patch, Path path, DeltaWriter delta)
    {
        foreach (var property in patch.EnumerateObject())
        {
            var at = Child(path, property);
            if (property.Value.ValueKind == JsonValueKind.Null)
                delta.Remove(at);
            else if (property.Value.ValueKind == JsonValueKind.Object && !IsTyped(property.Value))
                Merge(property.Value, at, delta);
            else
                delta.Set(at, JsonFields.ReadValue(property.Value, at.ToString()));
        }
    }

    /// <summary>What stands for one value, such as <c>{"$timestamp":"…"}</c>.</summary>
    private static bool IsTyped(JsonElement element)
    {
        foreach (var property in element.EnumerateObject())
            return property.Name is ['$', not '$', ..];
        return false;
    }

    private static Path Child(Path path, JsonProperty property)
    {
        try
        {
            // As in documents: a key that begins with $ has one more in front.
            return path.Child(property.Name is ['$', ..] name ? name[1..] : property.Name);
        }
        catch (Exception exception) when (exception is InvalidOperationException or DocumentException)
        {
            throw JsonFields.Invalid(path.ToString(), "has a key that is no valid text");
        }
    }
}
