using Savepoint.Documents;

namespace Savepoint.Engine.Kinds;

/// <summary>What a schema says of the value at one path.</summary>
internal sealed class SchemaNode
{
    /// <summary>The kind that a value has to be of; none for any.</summary>
    public ValueKind Kind { get; set; }

    /// <summary>The least number; absent for none.</summary>
    public Value Min { get; set; }

    /// <summary>The greatest number; absent for none.</summary>
    public Value Max { get; set; }

    /// <summary>The most items, keys, UTF-16 units or bytes, whatever the value has; −1 for any number.</summary>
    public int MaxLength { get; set; } = -1;

    /// <summary>Whether a map here takes no keys but those of <see cref="Children"/>.</summary>
    public bool IsStrict { get; set; }

    /// <summary>What stands below by key; null for nothing.</summary>
    public Dictionary<string, SchemaNode>? Children { get; set; }

    /// <summary>What each item of a list, or each other value of a map, has to be; null for anything.</summary>
    public SchemaNode? Each { get; set; }

    public SchemaNode? Find(string key) => Children is not null && Children.TryGetValue(key, out var child) ? child : Each;

    public SchemaNode Child(string key)
    {
        Children ??= new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        if (!Children.TryGetValue(key, out var child))
            Children.Add(key, child = new SchemaNode());
        return child;
    }

    public SchemaNode Clone()
    {
        var clone = new SchemaNode { Kind = Kind, Min = Min, Max = Max, MaxLength = MaxLength, IsStrict = IsStrict, Each = Each?.Clone() };
        foreach (var (key, child) in Children ?? [])
            (clone.Children ??= new Dictionary<string, SchemaNode>(StringComparer.Ordinal)).Add(key, child.Clone());
        return clone;
    }
}
