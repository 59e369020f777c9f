using System.Text.Json.Nodes;
using Savepoint.Documents;
using Savepoint.Engine.Audit;
using Savepoint.Hosting.Principals;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.DataRights;

/// <summary><c>GET /api/v1/audit</c>: what the audit log says, of one owner or of all.</summary>
internal static class ListAudit
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/audit", HandleAsync)
        .RequirePrincipal(PrincipalRole.Admin, PrincipalRole.Support)
        .WithName("ListAudit").WithSummary("Lists entries of the audit log");

    private static Task HandleAsync(HttpContext context, UserDataRights rights) => Requests.GuardAsync(context, async () =>
    {
        var query = new AuditQuery(Requests.Text(context, "user"), Requests.Moment(context, "from"), Requests.Moment(context, "until"))
        {
            Limit = Requests.Limit(context, 1_000),
            Position = Requests.Text(context, "position"),
        };
        AuditPage page;
        try
        {
            page = await rights.Audit.ReadAsync(query, context.RequestAborted);
        }
        catch (ArgumentException)
        {
            throw Requests.Wrong("position", "is none of a page");
        }

        await Requests.AnswerAsync(context, new JsonObject { ["entries"] = new JsonArray([.. page.Entries.Select(Json)]), ["next"] = page.Next });
    });

    private static JsonObject Json(AuditEntry entry) => new()
    {
        ["at"] = entry.At,
        ["actor"] = entry.Actor,
        ["action"] = entry.Action,
        ["target"] = entry.Target,
        ["address"] = entry.Address,
        ["reason"] = entry.Reason,
        ["before"] = Json(entry.Before),
        ["after"] = Json(entry.After),
    };

    private static JsonNode? Json(Document? document) => document is null ? null : JsonNode.Parse(DocumentJson.ToText(document));
}
