using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Streams.Authentication;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Streams.Authorization;

/// <summary>Which paths of a kind's documents a principal may change.</summary>
internal sealed class WriteRules(RuleNode root)
{
    /// <summary>Whether nothing has a rule: then the root's says all.</summary>
    private readonly bool _isPlain = root.Children.Count == 0;

    /// <summary>Whether there is any path that a principal may change.</summary>
    public bool MayWriteSomewhere(Principal principal) => root.All().Any(node => MayWrite(node.Rule, principal));

    /// <summary>The first path that stands in the way of changing everything; null for none.</summary>
    public Path? RefusedAnywhere(Principal principal) => RefusedIn(root, principal);

    /// <summary>
    /// The first path that stands in the way of a delta; null for none. An operation concerns its path and all that is below it: who replaces or removes a map
    /// has to have the right to all of its content.
    /// </summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="delta">Any bytes. What is no delta is let through: the engine reads with the same reader, and says what is wrong with it.</param>
    public Path? Refused(Principal principal, ReadOnlySpan<byte> delta)
    {
        if (_isPlain && MayWrite(root.Rule, principal))
            return null;
        try
        {
            foreach (var operation in new DeltaReader(delta))
            {
                if (Refused(principal, operation.Path) is { } refused)
                    return refused;
            }
        }
        catch (DocumentException)
        {
            // See above.
        }

        return null;
    }

    /// <summary>
    /// The first path at which a template gives a new document more than a principal may. What is worth nothing it may always hold (0, false, an empty text, list
    /// or map): so a game server can say what a profile looks like without the right to say what is in it.
    /// </summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="template">The encoded document; any bytes. What is no document is let through to the engine, which refuses it.</param>
    public Path? RefusedTemplate(Principal principal, ReadOnlySpan<byte> template)
    {
        if (template.IsEmpty || (_isPlain && MayWrite(root.Rule, principal)))
            return null;
        return Document.TryDecode(template, Widest.Limits, out var document) == DocumentError.None
            ? RefusedValue(root, principal, Path.Root, document!.Root)
            : null;
    }

    private Path? Refused(Principal principal, EncodedPath path)
    {
        var node = root;
        foreach (var segment in path)
        {
            if (segment.IsIndex || node.Find(segment.Utf8Key) is not { } child)
                return MayWrite(node.Rule, principal) ? null : path.ToPath();
            node = child;
        }

        return MayWrite(node.Rule, principal) ? RefusedIn(node, principal) : path.ToPath();
    }

    private static Path? RefusedIn(RuleNode node, Principal principal) => node.All().FirstOrDefault(part => !MayWrite(part.Rule, principal))?.Path;

    private static Path? RefusedValue(RuleNode node, Principal principal, Path path, Value value)
    {
        if (!value.TryGetMap(out var map))
            return MayWrite(node.Rule, principal) || IsWorthNothing(value) ? null : path;
        foreach (var (key, item) in map)
        {
            var child = node.Find(key);
            var refused = child is not null ? RefusedValue(child, principal, path.Child(key), item)
                : MayWrite(node.Rule, principal) || IsWorthNothing(item) ? null : path.Child(key);
            if (refused is not null)
                return refused;
        }

        return null;
    }

    private static bool IsWorthNothing(Value value) => value.Kind switch
    {
        ValueKind.Int64 => value.AsInt64() == 0,
        ValueKind.Double => value.AsDouble() == 0,
        ValueKind.Boolean => !value.AsBoolean(),
        ValueKind.String => value.AsString().Length == 0,
        ValueKind.Bytes => value.AsBytes().IsEmpty,
        ValueKind.List => value.AsList().Count == 0,
        ValueKind.Map => value.AsMap().All(static entry => IsWorthNothing(entry.Value)),
        _ => false,
    };

    private static bool MayWrite(PathRule rule, Principal principal) =>
        principal.Level >= rule.WriteLevel && (rule.Writers & Roles.Of(principal)) != AccessRoles.None;
}
