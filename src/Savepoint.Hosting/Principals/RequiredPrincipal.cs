using Microsoft.AspNetCore.Authorization;
using Savepoint.Streams.Authentication;

namespace Savepoint.Hosting.Principals;

/// <summary>Says of an endpoint that it is for principals only.</summary>
/// <param name="roles">For which; for all when there are none.</param>
internal sealed class RequiredPrincipal(params PrincipalRole[] roles)
{
    /// <summary>Whether the endpoint is for a principal. One that several were said of, as of its group, is for those that all admit.</summary>
    public static bool Admits(IReadOnlyList<RequiredPrincipal> all, Principal principal)
    {
        for (var i = 0; i < all.Count; i++)
        {
            if (!all[i].Admits(principal.Role))
                return false;
        }

        return true;
    }

    /// <summary>Whether an endpoint with these metadata is for nobody without credentials, whoever says so.</summary>
    public static bool IsAmong(IEnumerable<object> metadata) => metadata.Any(static one => one is RequiredPrincipal or IAuthorizeData or AuthorizationPolicy or IAuthorizationRequirementData);

    private bool Admits(PrincipalRole role) => roles.Length == 0 || Array.IndexOf(roles, role) >= 0;
}
