using Savepoint.Engine.Kinds;

namespace Savepoint.Streams.Authorization;

/// <summary>A key at which it changes what somebody may see. What has no node is as the nearest one above it.</summary>
internal sealed class FilterNode
{
    private readonly (byte[] Utf8Key, string Key, FilterNode Node)[] _children;

    private FilterNode(bool isVisible, (byte[] Utf8Key, string Key, FilterNode Node)[] children) => (IsVisible, _children) = (isVisible, children);

    /// <summary>Whether what is here may be seen.</summary>
    public bool IsVisible { get; }

    /// <summary>Whether something below differs.</summary>
    public bool IsMixed => _children.Length > 0;

    public static FilterNode Build(RuleNode rules, AccessRoles role, int level)
    {
        var isVisible = (rules.Rule.Readers & role) != AccessRoles.None && level >= rules.Rule.ReadLevel;
        var children = rules.Children
            .Select(child => (child.Utf8Key, child.Path.Segments[^1].Key!, Build(child, role, level)))
            .Where(child => child.Item3.IsMixed || child.Item3.IsVisible != isVisible);
        return new FilterNode(isVisible, [.. children]);
    }

    public FilterNode? Find(ReadOnlySpan<byte> utf8Key)
    {
        foreach (var child in _children)
        {
            if (utf8Key.SequenceEqual(child.Utf8Key))
                return child.Node;
        }

        return null;
    }

    public FilterNode? Find(string key)
    {
        foreach (var child in _children)
        {
            if (string.Equals(child.Key, key, StringComparison.Ordinal))
                return child.Node;
        }

        return null;
    }
}
