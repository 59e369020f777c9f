using System.Collections.Frozen;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;
using Savepoint.Engine.Users;
using Savepoint.Streams.Authentication;

namespace Savepoint.Streams.Authorization;

/// <summary>
/// Decides by role, and by the rules of the kind. A player reaches only what it owns, as it is now; support reads everything and changes nothing; a service
/// holds no sessions; an admin may do everything, but change what the server keeps for itself. What is secret nobody sees or changes.
/// </summary>
public sealed class KindAuthorizer : IAuthorizer
{
    private readonly FrozenDictionary<string, KindRules> _kinds;

    /// <summary>Makes the rules ready.</summary>
    /// <param name="kinds">The kinds, with their rules.</param>
    /// <param name="overrides">Rules that take the place of those of their kinds; null for none.</param>
    /// <exception cref="ArgumentException">A rule can't be, or is for a kind that is not there. The message says which.</exception>
    public KindAuthorizer(KindRegistry kinds, IReadOnlyDictionary<string, KindAccess>? overrides = null)
    {
        if (overrides?.Keys.FirstOrDefault(name => !kinds.TryGet(name, out _)) is { } unknown)
            throw new ArgumentException($"There are permissions for '{unknown}', and no kind of this name.", nameof(overrides));
        _kinds = kinds.All.ToFrozenDictionary(static kind => kind.Name, kind => Rules(kind, overrides), StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public Denial? Read(Principal principal, EntityKey key)
    {
        if (IsSecret(key))
            return Secret(key);

        // Who may read everything learns from the engine that there is no such kind; a player learns nothing.
        var rules = _kinds.GetValueOrDefault(key.Kind ?? "");
        if (principal.Role == PrincipalRole.Player && !Owns(principal, key, rules))
            return new Denial($"Players may read their own entities only, which {key} is not.");
        if (rules is null || principal.Role == PrincipalRole.Admin)
            return null;
        if (rules.IsInternal && principal.Role != PrincipalRole.Support)
            return new Denial($"{key} is the server's own.");
        return rules.Visible(principal)?.HidesAll == true ? new Denial($"Nothing of {key} is for {Described(principal)} to see.") : null;
    }

    /// <inheritdoc/>
    public PathFilter? Visible(Principal principal, EntityKey key) => _kinds.GetValueOrDefault(key.Kind ?? "")?.Visible(principal);

    /// <inheritdoc/>
    public Denial? ReadHistory(Principal principal, EntityKey key) =>
        principal.Role == PrincipalRole.Player ? new Denial($"Players may not see what {key} was before.") : Read(principal, key);

    /// <inheritdoc/>
    public Denial? Submit(Principal principal, in Mutation mutation)
    {
        var key = mutation.Key;
        var rules = _kinds.GetValueOrDefault(key.Kind ?? "");
        if (IsSecret(key))
            return Secret(key);
        if (principal.Role == PrincipalRole.Support)
            return new Denial("Support changes nothing.");
        if (principal.Role == PrincipalRole.Player && !Owns(principal, key, rules))
            return new Denial($"Players may not change {key}.");
        if (IsTag(mutation))
            return Tag(principal, key);
        if (rules is null)
            return null;
        if (rules.IsInternal)
            return new Denial($"{key} is the server's own.");
        return principal.Role == PrincipalRole.Admin ? null : Submit(principal, mutation, rules);
    }

    /// <inheritdoc/>
    public Denial? OpenSession(Principal principal, EntityKey key, ReadOnlySpan<byte> template)
    {
        var rules = _kinds.GetValueOrDefault(key.Kind ?? "");
        if (rules?.IsInternal == true)
            return new Denial($"{key} is the server's own.");
        if (principal.Role == PrincipalRole.Admin)
            return null;
        if (principal.Role == PrincipalRole.Support || (principal.Role == PrincipalRole.Player && !Owns(principal, key, rules)))
            return Sessionless(principal, key);
        if (rules is null)
            return principal.Role == PrincipalRole.GameServer ? null : Sessionless(principal, key);
        return (rules.Access.Holders & Roles.Of(principal)) == AccessRoles.None ? Sessionless(principal, key) : Template(principal, rules, template);
    }

    private static Denial? Submit(Principal principal, in Mutation mutation, KindRules rules)
    {
        var key = mutation.Key;
        var role = Roles.Of(principal);
        switch (mutation.Kind)
        {
            case MutationKind.EndSession:
                return (rules.Access.Holders & role) == AccessRoles.None ? Sessionless(principal, key) : null;
            case MutationKind.Message:
                return (rules.Access.Senders & role) == AccessRoles.None ? new Denial($"{Described(principal)} may not leave messages for {key}.") : null;
            case MutationKind.Intent:
                return Intent(principal, mutation, rules) ?? Template(principal, rules, mutation.Template.Span);
            case MutationKind.Delta:
                var path = rules.Writes.Refused(principal, mutation.Payload.Span);
                return Unwritable(principal, key, path) ?? Untouchable(principal, mutation, rules) ?? Template(principal, rules, mutation.Template.Span);
            default:
                // What removes an entity or brings an old version back changes all of it.
                return principal.Role == PrincipalRole.Player
                    ? new Denial($"Players may not remove {key} or roll it back.")
                    : Unwritable(principal, key, rules.Writes.RefusedAnywhere(principal));
        }
    }

    /// <summary>Whether it changes a tag, or the index that changes with it; the engine sees to it that they belong together.</summary>
    private static bool IsTag(in Mutation mutation) => mutation.Kind == MutationKind.Intent && (mutation.Key.Kind == UserTags.IndexKind
        ? mutation.Intent is UserIndex.Add or UserIndex.Remove
        : mutation.Intent is UserTags.Tag or UserTags.Untag);

    private static Denial? Tag(Principal principal, EntityKey key) => principal.Role is PrincipalRole.GameServer or PrincipalRole.Service or PrincipalRole.Admin
        ? null
        : new Denial($"{Described(principal)} may not say whose data {key} holds.");

    private static Denial? Intent(Principal principal, in Mutation mutation, KindRules rules)
    {
        var rule = rules.Access.Intents.GetValueOrDefault(mutation.Intent ?? "") ?? new IntentRule();
        return (rule.Roles & Roles.Of(principal)) != AccessRoles.None && principal.Level >= rule.Level
            ? null
            : new Denial($"{Described(principal)} may not ask for '{mutation.Intent}'.");
    }

    private static Denial? Template(Principal principal, KindRules rules, ReadOnlySpan<byte> template)
    {
        if (template.IsEmpty || rules.Kind.Template is not null)
            return null;
        if (principal.Role == PrincipalRole.Player)
            return new Denial("Players may not say what a new entity starts from.");
        return rules.Writes.RefusedTemplate(principal, template) is { } path
            ? new Denial($"{Described(principal)} may not write '{path}', so a template of its own may hold nothing of value there.", path.ToString())
            : null;
    }

    /// <summary>
    /// A delta without operations concerns no path, and what is no delta none that is known; yet it makes a version, and maybe the entity, or takes the engine's memory of
    /// writers. It is for those who may change something, and for the holder of a session, who deals with messages by it.
    /// </summary>
    private static Denial? Untouchable(Principal principal, in Mutation mutation, KindRules rules)
    {
        var isHolder = mutation.Session != 0 && (rules.Access.Holders & Roles.Of(principal)) != AccessRoles.None;
        return isHolder || rules.Writes.MayWriteSomewhere(principal) ? null : new Denial($"{Described(principal)} may change nothing of {mutation.Key}.");
    }

    private bool IsSecret(EntityKey key) => _kinds.GetValueOrDefault(key.Kind ?? "")?.IsSecret == true;

    /// <summary>The same for everybody, whether there is such an entity or not.</summary>
    private static Denial Secret(EntityKey key) => new($"{key} is the server's own, and secret.");

    private static Denial? Unwritable(Principal principal, EntityKey key, Documents.Path? path) =>
        path is null ? null : new Denial($"{Described(principal)} may not write '{path}' of {key}.", path.ToString());

    private static Denial Sessionless(Principal principal, EntityKey key) => new($"{Described(principal)} may not hold a session on {key}.");

    private static string Described(Principal principal) => principal.Role switch
    {
        PrincipalRole.GameServer => $"A game server of level {principal.Level}",
        PrincipalRole.Service => $"A service of level {principal.Level}",
        PrincipalRole.Support => "Support",
        PrincipalRole.Player => "A player",
        _ => "An admin",
    };

    private static bool Owns(Principal player, EntityKey key, KindRules? rules) =>
        rules is not null && string.Equals(rules.Kind.Owner(key.Id), player.Name, StringComparison.Ordinal);

    private static KindRules Rules(Kind kind, IReadOnlyDictionary<string, KindAccess>? overrides)
    {
        try
        {
            return new KindRules(kind, overrides?.GetValueOrDefault(kind.Name) ?? kind.Access);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"Permissions of '{kind.Name}': {exception.Message}", nameof(kind), exception);
        }
    }
}
