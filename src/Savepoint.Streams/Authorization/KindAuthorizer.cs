using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;
using Savepoint.Streams.Authentication;

namespace Savepoint.Streams.Authorization;

/// <summary>A game server may do everything; a player may read what it owns as it is now, and change nothing.</summary>
/// <param name="kinds">Say who owns an entity.</param>
public sealed class OwnEntitiesAuthorizer(KindRegistry kinds) : IAuthorizer
{
    /// <inheritdoc/>
    public Denial? Read(Principal principal, EntityKey key) =>
        principal.Role == PrincipalRole.GameServer || Owns(principal, key) ? null : new Denial($"Players may read their own entities only, which {key} is not.");

    /// <inheritdoc/>
    public Denial? ReadHistory(Principal principal, EntityKey key) =>
        principal.Role == PrincipalRole.GameServer ? null : new Denial($"Players may not see what {key} was before.");

    /// <inheritdoc/>
    public Denial? Submit(Principal principal, in Mutation mutation) =>
        principal.Role == PrincipalRole.GameServer ? null : new Denial($"Players may not change {mutation.Key}.");

    /// <inheritdoc/>
    public Denial? OpenSession(Principal principal, EntityKey key) =>
        principal.Role == PrincipalRole.GameServer ? null : new Denial($"Players may not hold a session on {key}.");

    private bool Owns(Principal player, EntityKey key) =>
        kinds.TryGet(key.Kind, out var kind) && string.Equals(kind.Owner(key.Id), player.Name, StringComparison.Ordinal);
}
