using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Hosting;
using Savepoint.Hosting.Principals;

namespace Savepoint.Modules.DataRights.Bulk;

/// <summary>Serves bulk edits over HTTP, under <c>/api/v1/bulk</c>, and goes on with them.</summary>
public static class BulkModule
{
    /// <summary>Registers the kind of the jobs, and what goes on with them.</summary>
    public static SavepointBuilder AddBulkEdits(this SavepointBuilder savepoint)
    {
        ArgumentNullException.ThrowIfNull(savepoint);
        savepoint.AddKind(BulkKind.Kind);
        savepoint.Services.TryAddSingleton(provider => new BulkEdits(
            provider.GetRequiredService<IStateEngine>(),
            provider.GetRequiredService<KindRegistry>(),
            provider.GetRequiredService<EngineOptions>(),
            provider.GetRequiredService<TimeProvider>()));
        savepoint.Services.AddHostedService<BulkRunner>();
        return savepoint;
    }

    /// <summary>Maps the endpoints.</summary>
    /// <returns>All of them, so that a host can say more of them.</returns>
    public static IEndpointConventionBuilder MapBulkEdits(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/v1").RequirePrincipal().WithTags("Bulk edits");
        BulkEndpoints.Map(all);
        return all;
    }
}
