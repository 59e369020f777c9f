using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.DataRights;

/// <summary><c>GET /api/v1/users/{id}/export?reason=…</c>: everything that is kept of a user.</summary>
internal static class ExportUser
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/export", HandleAsync)
        .RequirePrincipal(PrincipalRole.Admin)
        .WithName("ExportUser").WithSummary("Exports everything that is kept of a user")
        .TakesQuery("reason", "Why, for the audit log.", "support:4711")
        .Produces<ExportAnswer>()
        .ProducesEngineChanges()
        .WithExample("""
            {"user":"alice","at":"2026-01-31T12:00:00+00:00","entities":[{"kind":"profile","id":"alice","tagged":false,"owned":true,"version":1,
            "document":{"name":"Ada"},"messages":[],"history":[{"version":1,"at":"2026-01-30T12:00:00+00:00","actor":"service:shop","reason":"signup"}]}],
            "records":{"account":null},"complete":true}
            """);

    private static Task HandleAsync(HttpContext context, UserDataRights rights) => Requests.GuardAsync(context, async () =>
    {
        var user = Requests.UserOf(context);
        var by = Requests.By(context, Requests.Text(context, "reason"));
        context.Response.ContentType = "application/json";
        await rights.Export.WriteAsync(user, by, context.Response.Body, context.RequestAborted);
    });
}
