using Savepoint.Engine.Kinds;
using Savepoint.Streams.Authentication;

namespace Savepoint.Streams.Authorization;

/// <summary>Roles as rules speak of them.</summary>
internal static class Roles
{
    public static AccessRoles Of(Principal principal) => Of(principal.Role);

    public static AccessRoles Of(PrincipalRole role) => role switch
    {
        PrincipalRole.GameServer => AccessRoles.GameServer,
        PrincipalRole.Player => AccessRoles.Player,
        PrincipalRole.Service => AccessRoles.Service,
        PrincipalRole.Support => AccessRoles.Support,
        _ => AccessRoles.None,
    };
}
