namespace Savepoint.Documents;

/// <summary>One default with its path made ahead, so that a document that misses nothing is passed without allocation.</summary>
internal sealed class TemplateNode
{
    private readonly string _key;
    private readonly Path _path;
    private readonly Value _value;
    private readonly TemplateNode[] _children;

    private TemplateNode(string key, Path path, Value value)
    {
        _key = key;
        _path = path;
        _value = value;
        _children = value.TryGetMap(out var map) ? Of(map, path) : [];
    }

    public static TemplateNode[] Of(MapValue map, Path path)
    {
        var nodes = new TemplateNode[map.Count];
        for (var i = 0; i < nodes.Length; i++)
            nodes[i] = new TemplateNode(map.KeyAt(i), path.Child(map.KeyAt(i)), map.ValueAt(i));
        return nodes;
    }

    public static bool Reconcile(TemplateNode[] nodes, MapValue existing, DeltaWriter into)
    {
        var missing = false;
        foreach (var node in nodes)
        {
            if (!existing.TryGet(node._key, out var present))
            {
                into.Set(node._path, node._value);
                missing = true;
            }
            else if (present.TryGetMap(out var map))
            {
                missing |= Reconcile(node._children, map, into);
            }
        }
        return missing;
    }
}
