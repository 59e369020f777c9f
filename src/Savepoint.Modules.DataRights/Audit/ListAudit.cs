using System.Text.Json.Nodes;
using Savepoint.Documents;
using Savepoint.Engine.Audit;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.DataRights;

/// <summary><c>GET /api/v1/audit</c>: what the audit log says, of one owner or of all.</summary>
internal static class ListAudit
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/audit", HandleAsync)
        .RequirePrincipal(PrincipalRole.Admin, PrincipalRole.Support)
        .WithName("ListAudit").WithSummary("Lists entries of the audit log")
        .TakesQuery("user", "The user whose data the entries tell of; all where it is not there.", "alice")
        .TakesQuery("from", "Entries from this moment on.", "2026-01-31T12:00:00Z").TakesQuery("until", "Entries before this moment.")
        .TakesQuery("limit", "The most of a page, 1 to 1,000. The default is 100.", "100", isNumber: true)
        .TakesQuery("position", "`next` of the page before; all else has to be as for that page.")
        .Produces<AuditAnswer>()
        .ProducesEngineReads()
        .WithExample("""
            {"entries":[{"at":"2026-01-31T12:00:00+00:00","actor":"admin:kim","action":"user.export","target":"user/alice","address":"10.0.0.7","reason":"support:4711",
            "before":null,"after":null}],"next":null}
            """);

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
