using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Hosting;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Hosting.Routing;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Batches;
using Savepoint.Modules.Profiles.Changing;
using Savepoint.Modules.Profiles.Messages;
using Savepoint.Modules.Profiles.Purchases;
using Savepoint.Modules.Profiles.Reading;
using Savepoint.Modules.Profiles.Sessions;
using Savepoint.Modules.Profiles.Versions;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Profiles;

/// <summary>Serves profiles over HTTP, under <c>/api/v1/profiles</c> (docs/reference/rest-api.md).</summary>
public static class ProfilesModule
{
    /// <summary>Registers what the endpoints need.</summary>
    /// <param name="savepoint">The server.</param>
    /// <param name="configure">Changes the defaults.</param>
    public static SavepointBuilder AddProfiles(this SavepointBuilder savepoint, Action<ProfilesOptions>? configure = null)
    {
        var options = new ProfilesOptions();
        configure?.Invoke(options);
        savepoint.Services.TryAddSingleton(options);
        savepoint.Services.TryAddSingleton<ProfileAddresses>();
        savepoint.Services.TryAddSingleton<ProfileChanges>();
        return savepoint;
    }

    /// <summary>Maps the endpoints.</summary>
    /// <returns>All of them, so that a host can say more of them.</returns>
    public static IEndpointConventionBuilder MapProfiles(this IEndpointRouteBuilder routes)
    {
        var options = routes.ServiceProvider.GetRequiredService<ProfilesOptions>();
        var addresses = routes.ServiceProvider.GetRequiredService<ProfileAddresses>();
        var all = routes.MapGroup("/api/v1").RequirePrincipal().WithTags("Profiles");
        all.AddEndpointFilter((call, next) =>
        {
            if (call.HttpContext.GetPrincipal().Role == PrincipalRole.Player)
                JsonBody.Limit(call.HttpContext, options.MaxPlayerBodyBytes);
            return next(call);
        });
        var one = all.MapGroup("/profiles").RouteToOwner(addresses.OwnerOf).WithMaxBody(options.MaxBodyBytes)
            .TakesQuery("kind", "The profile's kind, where it is not the usual one.").WithRouteExample("id", "alice", "The profile's id, percent-encoded.");
        GetProfile.Map(one);
        PatchProfile.Map(one);
        PutProfile.Map(one);
        DeleteProfile.Map(one);
        AskIntent.Map(one);
        ListVersions.Map(one);
        RollBack.Map(one);
        SendMessage.Map(one);
        GetSession.Map(one);
        EndSession.Map(one);
        MakePurchase.Map(one);
        SubmitBatch.Map(all, options);
        SubmitTransaction.Map(all, options);
        return all;
    }
}
