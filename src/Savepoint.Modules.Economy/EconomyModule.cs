using Savepoint.Hosting.Principals;

namespace Savepoint.Modules.Economy;

/// <summary>Serves the economy ledger over HTTP: <c>/api/v1/economy</c> (docs/concepts/economy.md).</summary>
public static class EconomyModule
{
    /// <summary>Maps the endpoint.</summary>
    /// <returns>It, so that a host can say more of it.</returns>
    public static IEndpointConventionBuilder MapEconomy(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/v1").RequirePrincipal().WithTags("Economy");
        ListLedger.Map(all);
        return all;
    }
}
