using Savepoint.Documents;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Engine.Kinds;

/// <summary>
/// States what the documents of a kind may hold, path by path. A path has keys only; the key <c>*</c> stands for each item of a list, or for each value of a
/// map that has no rule of its own: <c>inventory.*.count</c>. Not thread-safe.
/// </summary>
public sealed class KindSchemaBuilder
{
    private const string EachKey = "*";

    private readonly SchemaNode _root = new() { Kind = ValueKind.Map };

    /// <summary>Takes the types of a template's defaults.</summary>
    /// <param name="template">The template.</param>
    /// <param name="isStrict">Whether its maps take no properties but those that they have in the template; empty ones take any. The default value is true.</param>
    /// <returns>This builder.</returns>
    public KindSchemaBuilder From(Template template, bool isStrict = true)
    {
        ArgumentNullException.ThrowIfNull(template);
        Take(_root, template.CreateDocument().Root, isStrict);
        return this;
    }

    /// <summary>Says of which kind the value at a path is.</summary>
    /// <param name="path">The path.</param>
    /// <param name="kind">The kind; <see cref="ValueKind.None"/> for any.</param>
    /// <returns>This builder.</returns>
    public KindSchemaBuilder Type(Path path, ValueKind kind)
    {
        At(path).Kind = kind;
        return this;
    }

    /// <summary>Bounds an integer.</summary>
    /// <param name="path">The path.</param>
    /// <param name="min">The least value; null for none.</param>
    /// <param name="max">The greatest value; null for none.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The bounds cross.</exception>
    public KindSchemaBuilder Between(Path path, long? min, long? max)
    {
        if (min > max)
            throw new ArgumentException($"The bounds of '{path}' cross.");
        return Between(path, ValueKind.Int64, min is { } least ? least : default(Value), max is { } greatest ? greatest : default(Value));
    }

    /// <summary>Bounds a double.</summary>
    /// <param name="path">The path.</param>
    /// <param name="min">The least value; null for none.</param>
    /// <param name="max">The greatest value; null for none.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The bounds cross.</exception>
    public KindSchemaBuilder Between(Path path, double? min, double? max)
    {
        if (min > max)
            throw new ArgumentException($"The bounds of '{path}' cross.");
        return Between(path, ValueKind.Double, min is { } least ? least : default(Value), max is { } greatest ? greatest : default(Value));
    }

    /// <summary>Bounds a length: the items of a list, the keys of a map, the UTF-16 units of a string, the bytes of bytes.</summary>
    /// <param name="path">The path.</param>
    /// <param name="length">The most there may be; not negative.</param>
    /// <returns>This builder.</returns>
    public KindSchemaBuilder MaxLength(Path path, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        At(path).MaxLength = length;
        return this;
    }

    /// <summary>Lets a map take no properties but those that the schema names; of the root, too.</summary>
    /// <param name="path">The path.</param>
    /// <returns>This builder.</returns>
    public KindSchemaBuilder Strict(Path path) => Strict(path, isStrict: true);

    /// <summary>Lets a map take any properties, also where the template has made it strict.</summary>
    /// <param name="path">The path.</param>
    /// <returns>This builder.</returns>
    public KindSchemaBuilder Open(Path path) => Strict(path, isStrict: false);

    /// <summary>Makes the schema. The builder can go on.</summary>
    /// <returns>The schema.</returns>
    public KindSchema Build() => new(_root.Clone());

    private static void Take(SchemaNode node, MapValue defaults, bool isStrict)
    {
        // An empty map is one to be filled: by id, by date, by whatever.
        node.IsStrict = isStrict && (defaults.Count > 0 || node.IsStrict);
        foreach (var (key, value) in defaults)
        {
            var child = node.Child(key);
            child.Kind = value.Kind;
            if (value.TryGetMap(out var map))
                Take(child, map, isStrict);
        }
    }

    private KindSchemaBuilder Between(Path path, ValueKind kind, Value min, Value max)
    {
        var node = At(path);
        if (node.Kind != ValueKind.None && node.Kind != kind)
            throw new ArgumentException($"'{path}' is of the kind {node.Kind}, and its bounds of {kind}.");
        (node.Kind, node.Min, node.Max) = (kind, min, max);
        return this;
    }

    private KindSchemaBuilder Strict(Path path, bool isStrict)
    {
        var node = At(path);
        (node.Kind, node.IsStrict) = (ValueKind.Map, isStrict);
        return this;
    }

    private SchemaNode At(Path path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var node = _root;
        foreach (var segment in path.Segments)
        {
            if (segment.Key is not { } key)
                throw new DocumentException(DocumentError.InvalidPath, path, "a schema has '*' for the items of a list, and no index");
            node = key == EachKey ? node.Each ??= new SchemaNode() : node.Child(key);
        }

        return node;
    }
}
