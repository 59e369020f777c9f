using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Hosting;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Routing;
using Savepoint.Hosting.Users;

namespace Savepoint.Modules.DataRights;

/// <summary>
/// Serves what is kept of users over HTTP: <c>/api/v1/users/{id}</c>, <c>/api/v1/audit</c> and <c>/api/v1/quarantine</c>
/// (docs/how-to/erase-and-export.md, docs/how-to/repair-quarantined.md).
/// </summary>
public static class DataRightsModule
{
    /// <summary>Registers what the endpoints need.</summary>
    public static SavepointBuilder AddDataRights(this SavepointBuilder savepoint)
    {
        ArgumentNullException.ThrowIfNull(savepoint);
        savepoint.Services.TryAddSingleton(provider => new UserDataRights(
            provider.GetRequiredService<IStateEngine>(),
            provider.GetRequiredService<KindRegistry>(),
            provider.GetRequiredService<EngineOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetServices<IUserRecords>()));
        savepoint.Services.TryAddSingleton<QuarantineList>();
        return savepoint;
    }

    /// <summary>Maps the endpoints.</summary>
    /// <returns>All of them, so that a host can say more of them.</returns>
    public static IEndpointConventionBuilder MapDataRights(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/v1").RequirePrincipal().WithTags("Data rights");
        var user = all.MapGroup("/users/{id}").RouteToOwner("id").WithRouteExample("id", "alice", "The user's id, percent-encoded.");
        ListUserEntities.Map(user);
        ExportUser.Map(user);
        EraseUser.Map(user);
        ListAudit.Map(all);
        ListQuarantine.Map(all);
        RepairEntity.Map(all);
        return all;
    }
}
