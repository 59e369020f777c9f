using Savepoint.Engine.Kinds;
using Savepoint.Streams.Authentication;

namespace Savepoint.Streams.Authorization;

/// <summary>A kind's rules, made ready to be asked for every request.</summary>
internal sealed class KindRules
{
    private static readonly PrincipalRole[] Ruled = [PrincipalRole.GameServer, PrincipalRole.Player, PrincipalRole.Service, PrincipalRole.Support];

    // The levels at which anything changes, and for each role what its bearers see from each of them on; null for all.
    private readonly int[] _levels;
    private readonly PathFilter?[][] _filters;

    /// <exception cref="ArgumentException">A path has an index, or two rules have one path.</exception>
    public KindRules(Kind kind, KindAccess access)
    {
        (Kind, Access) = (kind, access);
        var root = RuleNode.Build(access.Paths);
        Writes = new WriteRules(root);
        _levels = [.. root.All().Select(node => node.Rule.ReadLevel).Append(0).Distinct().Order()];
        _filters = [.. Ruled.Select(role => _levels.Select(level => Filter(root, role, level)).ToArray())];
    }

    public Kind Kind { get; }

    public KindAccess Access { get; }

    public WriteRules Writes { get; }

    /// <summary>Kinds that the server keeps for itself: their owners in the server change them, and support and admins may look.</summary>
    public bool IsInternal => Kind.IsOwnedBySavepoint;

    /// <summary>Kinds that nobody may see or change.</summary>
    public bool IsSecret => Kind.IsSecret;

    public PathFilter? Visible(Principal principal)
    {
        var role = Array.IndexOf(Ruled, principal.Role);
        if (role < 0)
            return null;
        var level = Array.FindLastIndex(_levels, level => principal.Level >= level);
        return _filters[role][Math.Max(level, 0)];
    }

    private static PathFilter? Filter(RuleNode root, PrincipalRole role, int level)
    {
        var node = FilterNode.Build(root, Roles.Of(role), level);
        return node is { IsVisible: true, IsMixed: false } ? null : new PathFilter(node);
    }
}
