using System.Text;
using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Streams.Authorization;

/// <summary>A kind's rules of paths as a tree of keys. Each node has the rule that decides at its path: its own, or that of the nearest node above with one.</summary>
internal sealed class RuleNode
{
    private readonly List<RuleNode> _children = [];

    private RuleNode(Path path, PathRule rule)
    {
        (Path, Rule) = (path, rule);
        Utf8Key = path.IsRoot ? [] : Encoding.UTF8.GetBytes(path.Segments[^1].Key!);
    }

    public Path Path { get; }

    public PathRule Rule { get; private set; }

    public byte[] Utf8Key { get; }

    public IReadOnlyList<RuleNode> Children => _children;

    /// <exception cref="ArgumentException">A path has an index, or two rules have one path.</exception>
    public static RuleNode Build(IReadOnlyList<PathRule> rules)
    {
        foreach (var rule in rules)
        {
            foreach (var segment in rule.Path.Segments)
            {
                if (segment.IsIndex)
                    throw new ArgumentException($"A rule of paths takes keys only, which '{rule.Path}' is not.", nameof(rules));
            }

            if (rules.Count(other => other.Path == rule.Path) > 1)
                throw new ArgumentException($"There are two rules for the path '{rule.Path}'.", nameof(rules));
        }

        // Shorter paths first: what is above decides for what is made below it.
        var root = new RuleNode(Path.Root, rules.FirstOrDefault(static rule => rule.Path.IsRoot) ?? new PathRule(Path.Root));
        foreach (var rule in rules.OrderBy(static rule => rule.Path.Count))
            root.Add(rule);
        return root;
    }

    public RuleNode? Find(ReadOnlySpan<byte> utf8Key)
    {
        foreach (var child in _children)
        {
            if (utf8Key.SequenceEqual(child.Utf8Key))
                return child;
        }

        return null;
    }

    public RuleNode? Find(string key) => _children.Find(child => string.Equals(child.Path.Segments[^1].Key, key, StringComparison.Ordinal));

    /// <summary>This node and all below it, from above.</summary>
    public IEnumerable<RuleNode> All() => _children.SelectMany(static child => child.All()).Prepend(this);

    private void Add(PathRule rule)
    {
        var node = this;
        foreach (var segment in rule.Path.Segments)
        {
            if (node.Find(segment.Key!) is not { } child)
                node._children.Add(child = new RuleNode(node.Path.Child(segment.Key!), node.Rule));
            node = child;
        }

        node.Rule = rule;
    }
}
