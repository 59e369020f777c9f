using System.Text.Json.Nodes;
using Savepoint.Documents;
using Savepoint.Engine.Audit;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
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
        var asked = context.Request.Query;
        var query = new AuditQuery(asked.Text("user"), asked.Moment("from"), asked.Moment("until"))
        {
            Limit = asked.Limit(1_000, byDefault: 100),
            Position = asked.Text("position"),
        };
        AuditPage page;
        try
        {
            page = await rights.Audit.ReadAsync(query, context.RequestAborted);
        }
        catch (ArgumentException)
        {
            throw QueryValues.Wrong("position", "is none of a page");
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
