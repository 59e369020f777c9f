using System.Text.Json.Nodes;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.DataRights;

/// <summary><c>GET /api/v1/users/{id}/entities</c>: what holds data of a user.</summary>
internal static class ListUserEntities
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/entities", HandleAsync)
        .RequirePrincipal(PrincipalRole.Admin, PrincipalRole.Support)
        .WithName("ListUserEntities").WithSummary("Lists the entities that hold data of a user")
        .Produces<UserEntitiesAnswer>()
        .ProducesEngineReads()
        .WithExample("""{"user":"alice","entities":[{"kind":"profile","id":"alice","tagged":false,"owned":true}]}""");

    private static Task HandleAsync(HttpContext context, UserDataRights rights) => Requests.GuardAsync(context, async () =>
    {
        var user = Requests.UserOf(context);
        var entities = new JsonArray();
        await foreach (var entity in rights.Entities.FindAsync(user, context.RequestAborted))
            entities.Add(new JsonObject { ["kind"] = entity.Key.Kind, ["id"] = entity.Key.Id, ["tagged"] = entity.IsTagged, ["owned"] = entity.IsOwned });
        await Requests.AnswerAsync(context, new JsonObject { ["user"] = user, ["entities"] = entities });
    });
}
