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

    /// <exception cref="ProblemException">A value or a key can't stand in a document, or a key is there twice; the message says which.</exception>
    public static byte[] Read(JsonElement patch)
    {
        var delta = new DeltaWriter();
        Merge(patch, Path.Root, delta);
        return delta.ToArray();
    }

    private static void Merge(JsonElement patch, Path path, DeltaWriter delta)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in patch.EnumerateObject())
        {
            var name = JsonFields.NameOf(property, path.ToString());
            var at = Child(path, name);
            if (!names.Add(name))
                throw FieldFaults.Twice(at.ToString());
            if (property.Value.ValueKind == JsonValueKind.Null)
                delta.Remove(at);
            else if (property.Value.ValueKind == JsonValueKind.Object && !IsTyped(property.Value, at))
                Merge(property.Value, at, delta);
            else
                delta.Set(at, JsonFields.ReadValue(property.Value, at.ToString()));
        }
    }

    /// <summary>What stands for one value, such as <c>{"$timestamp":"…"}</c>.</summary>
    private static bool IsTyped(JsonElement element, Path path)
    {
        foreach (var property in element.EnumerateObject())
            return JsonFields.NameOf(property, path.ToString()) is ['$', not '$', ..];
        return false;
    }

    /// <summary>As in documents: a key that begins with $ has one more in front, so that with one alone it is none.</summary>
    private static Path Child(Path path, string name)
    {
        if (name is "$" or ['$', not '$', ..])
            throw JsonFields.Invalid(path.ToString(), $"has the key '{name}': one that begins with $ gets one more in front");
        try
        {
            return path.Child(name is ['$', ..] ? name[1..] : name);
        }
        catch (DocumentException)
        {
            throw JsonFields.Invalid(path.ToString(), "has a key that is no valid text");
        }
    }
}
