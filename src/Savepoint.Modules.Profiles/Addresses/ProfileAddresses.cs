using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;

namespace Savepoint.Modules.Profiles.Addresses;

/// <summary>
/// Which entity a request means: <c>/api/v1/profiles/{id}?kind=…</c>. The kind is a parameter of its own, since most games have one and its name says nothing
/// then.
/// </summary>
public sealed class ProfileAddresses
{
    private const string Id = "id", KindParameter = "kind";

    private readonly KindRegistry _kinds;
    private readonly ProfilesOptions _options;

    /// <summary>Makes the addresses.</summary>
    /// <exception cref="ArgumentException">The options name a kind that is not there.</exception>
    public ProfileAddresses(KindRegistry kinds, ProfilesOptions options)
    {
        (_kinds, _options) = (kinds, options);
        if (options.Kinds.FirstOrDefault(kind => !kinds.TryGet(kind, out _)) is { } unknown)
            throw new ArgumentException($"Profiles of the kind '{unknown}' can't be served: there is none of this name.", nameof(options));
    }

    /// <summary>The entity that a request means.</summary>
    /// <exception cref="ProblemException">Its id can't be one, or its kind is not served.</exception>
    public EntityKey KeyOf(HttpContext context)
    {
        var id = (string)context.Request.RouteValues[Id]!;

        // The framework leaves an escaped slash as it is, so that it can't be told from one that was escaped twice.
        if (id.Contains("%2f", StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(ErrorCodes.InvalidRequest, "An id with a slash can't stand in an address: use /api/v1/transactions.");
        return KeyOf(context.Request.Query.TryGetValue(KindParameter, out var kind) ? kind.ToString() : null, id);
    }

    /// <summary>The entity of a kind and an id.</summary>
    /// <param name="kind">The kind; null for the one that is meant where none is named.</param>
    /// <param name="id">The id; the engine says whether it can be one.</param>
    /// <exception cref="ProblemException">The kind is not served.</exception>
    public EntityKey KeyOf(string? kind, string id)
    {
        var chosen = kind ?? _options.DefaultKind;
        return _kinds.TryGet(chosen, out var known) && IsServed(known)
            ? new EntityKey(known.Name, id)
            : throw new ProblemException(ErrorCodes.UnknownKind, $"No profiles of the kind '{chosen}' are served here.");
    }

    /// <summary>The kind of an entity that is served.</summary>
    public Kind KindOf(EntityKey key) => _kinds.TryGet(key.Kind, out var kind) ? kind : throw new ArgumentException($"There is no kind '{key.Kind}'.", nameof(key));

    /// <summary>Whose shard a request belongs to; null when it can't be served anyway.</summary>
    public string? OwnerOf(HttpContext context)
    {
        if (context.Request.RouteValues[Id] is not string { Length: > 0 and <= EntityKey.MaxIdLength } id)
            return null;
        var kind = context.Request.Query.TryGetValue(KindParameter, out var named) ? named.ToString() : _options.DefaultKind;
        return _kinds.TryGet(kind, out var known) && IsServed(known) && known.Owner(id) is { Length: > 0 } owner ? owner : null;
    }

    private bool IsServed(Kind kind) => _options.Kinds.Count > 0 ? _options.Kinds.Contains(kind.Name) : !kind.IsOwnedBySavepoint;
}
