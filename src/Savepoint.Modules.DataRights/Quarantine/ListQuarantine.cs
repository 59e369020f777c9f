using System.Globalization;
using System.Text.Json.Nodes;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.DataRights;

/// <summary><c>GET /api/v1/quarantine</c>: what is stored and can't be read.</summary>
internal static class ListQuarantine
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/quarantine", HandleAsync)
        .RequirePrincipal(PrincipalRole.Admin, PrincipalRole.Support)
        .WithName("ListQuarantine").WithSummary("Lists the entities that can't be read")
        .TakesQuery("limit", "The most of a page, 1 to 1,000. The default is 100.", "100", isNumber: true)
        .TakesQuery("position", "`next` of the page before.")
        .Produces<QuarantineAnswer>()
        .ProducesProblems(ErrorCodes.Unavailable)
        .WithExample("""{"entities":[{"shard":3,"kind":"profile","id":"alice","version":7,"at":"2026-01-31T12:00:00+00:00","error":"The checksum is wrong."}],"next":null}""");

    private static Task HandleAsync(HttpContext context, QuarantineList quarantine) => Requests.GuardAsync(context, async () =>
    {
        var limit = context.Request.Query.Limit(1_000, byDefault: 100);
        var found = await ReadAsync(quarantine, Position(context), limit, context.RequestAborted);
        var next = found.Count == limit ? string.Create(CultureInfo.InvariantCulture, $"{found[^1].Shard}:{found[^1].Key}") : null;
        await Requests.AnswerAsync(context, new JsonObject { ["entities"] = new JsonArray([.. found.Select(Json)]), ["next"] = next });
    });

    private static async Task<IReadOnlyList<StoredEntity>> ReadAsync(QuarantineList quarantine, (int, EntityKey)? after, int limit, CancellationToken cancellationToken)
    {
        try
        {
            return await quarantine.ReadAsync(after, limit, cancellationToken);
        }
        catch (StoreException)
        {
            throw new RefusedException(new Refusal(RefusalCode.Unavailable) { Detail = "a database can't be read" });
        }
    }

    private static (int Shard, EntityKey Key)? Position(HttpContext context)
    {
        if (context.Request.Query.Text("position") is not { } text)
            return null;
        var (colon, slash) = (text.IndexOf(':', StringComparison.Ordinal), text.IndexOf('/', StringComparison.Ordinal));
        return colon > 0 && slash > colon && int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var shard)
            ? (shard, new EntityKey(text[(colon + 1)..slash], text[(slash + 1)..]))
            : throw QueryValues.Wrong("position", "is none of a page");
    }

    private static JsonObject Json(StoredEntity entity) => new()
    {
        ["shard"] = entity.Shard,
        ["kind"] = entity.Key.Kind,
        ["id"] = entity.Key.Id,
        ["version"] = entity.Version,
        ["at"] = entity.At,
        ["error"] = entity.QuarantineError,
    };
}
