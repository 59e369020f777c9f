using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;
using Savepoint.Engine.Users;
using Savepoint.Streams.Authentication;

namespace Savepoint.Streams.Authorization;

/// <summary>
/// Stands before what a game decides: what Savepoint itself keeps is no business of clients. Only who may tag profiles with users may send the mutations that
/// do so, and the engine sees to it that they belong together.
/// </summary>
/// <param name="kinds">Say which kinds are Savepoint's own.</param>
/// <param name="inner">Decides the rest.</param>
internal sealed class OwnKindsAuthorizer(KindRegistry kinds, IAuthorizer inner) : IAuthorizer
{
    public Denial? Read(Principal principal, EntityKey key) => IsOwn(key) && !SeesAll(principal) ? Hidden(key) : inner.Read(principal, key);

    public Denial? ReadHistory(Principal principal, EntityKey key) => IsOwn(key) && !SeesAll(principal) ? Hidden(key) : inner.ReadHistory(principal, key);

    public Denial? OpenSession(Principal principal, EntityKey key) => IsOwn(key) ? Hidden(key) : inner.OpenSession(principal, key);

    public Denial? Submit(Principal principal, in Mutation mutation)
    {
        var isIndex = mutation is { Kind: MutationKind.Intent, Key.Kind: UserTags.IndexKind, Intent: UserIndex.Add or UserIndex.Remove };
        var isTag = mutation is { Kind: MutationKind.Intent, Intent: UserTags.Tag or UserTags.Untag };
        if ((isIndex || isTag) && !MayTag(principal))
            return new Denial("Users are tagged by game servers and the back end only.");
        if (isIndex)
            return null;
        return IsOwn(mutation.Key) ? Hidden(mutation.Key) : inner.Submit(principal, mutation);
    }

    private static bool MayTag(Principal principal) => principal.Role is PrincipalRole.GameServer or PrincipalRole.Service or PrincipalRole.Admin;

    private static bool SeesAll(Principal principal) => principal.Role is PrincipalRole.Support or PrincipalRole.Admin;

    private static Denial Hidden(EntityKey key) => new($"{key.Kind} is Savepoint's own.");

    private bool IsOwn(EntityKey key) => kinds.TryGet(key.Kind, out var kind) && kind.IsOwnedBySavepoint;
}
