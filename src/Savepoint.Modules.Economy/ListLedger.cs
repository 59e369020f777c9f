using System.Globalization;
using System.Text.Json.Nodes;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Economy;

/// <summary>
/// <c>GET /api/v1/economy</c>: the sums of a range of UTC days, by day, kind, path and reason. They are as of the last checkpoints: what was committed within
/// the last save interval may be missing yet.
/// </summary>
internal static class ListLedger
{
    private const int MaxLimit = 10_000;
    private const int DefaultLimit = 1_000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/economy", HandleAsync)
        .RequirePrincipal(PrincipalRole.Admin, PrincipalRole.Support, PrincipalRole.Service)
        .WithName("ListLedger").WithSummary("Lists what was added to and taken from properties")
        .TakesQuery("from", "The first UTC day; that of `to` where it is not there.", "2026-01-31").TakesQuery("to", "The last UTC day; today where it is not there.", "2026-01-31")
        .TakesQuery("kind", "Of this kind only.", "profile").TakesQuery("path", "Of this property only.", "currency.gold").TakesQuery("reason", "For this reason only.", "quest")
        .TakesQuery("limit", "The most of a page, 1 to 10,000. The default is 1,000.", "1000", isNumber: true).TakesQuery("position", "`next` of the page before.")
        .Produces<LedgerAnswer>()
        .ProducesProblems(ErrorCodes.Unavailable)
        .WithExample("""
            {"rows":[{"day":"2026-01-31","kind":"profile","path":"currency.gold","reason":"quest","sources":1200,"sourceCount":40,"sinks":0,"sinkCount":0}],"next":null}
            """);

    private static async Task<IResult> HandleAsync(HttpContext context, StateEngine engine, TimeProvider time)
    {
        var query = Query(context.Request.Query, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        IReadOnlyList<LedgerRow> rows;
        try
        {
            rows = await engine.ReadLedgerAsync(query, context.RequestAborted);
        }
        catch (StoreException)
        {
            throw new ProblemException(ErrorCodes.Unavailable, "A database can't be read at present.");
        }

        return Results.Json(new JsonObject
        {
            ["rows"] = new JsonArray([.. rows.Select(Json)]),
            ["next"] = rows.Count == query.Limit ? LedgerPosition.Of(rows[^1]) : null,
        });
    }

    private static LedgerQuery Query(IQueryCollection query, DateOnly today)
    {
        var to = query.Day("to") ?? today;
        var from = query.Day("from") ?? to;
        return from > to ? throw QueryValues.Wrong("from", "is after 'to'") : new LedgerQuery(from, to)
        {
            Kind = query.Text("kind"),
            Path = query.Text("path"),
            Reason = query.Text("reason"),
            Limit = query.Limit(MaxLimit, DefaultLimit),
            After = query.Text("position") is { } position ? LedgerPosition.Parse(position) ?? throw QueryValues.Wrong("position", "is none of a page") : null,
        };
    }

    private static JsonObject Json(LedgerRow row)
    {
        var json = new JsonObject
        {
            ["day"] = row.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["kind"] = row.Kind,
            ["path"] = row.Path,
            ["reason"] = row.Reason,
            ["sources"] = row.Sources,
            ["sourceCount"] = row.SourceCount,
            ["sinks"] = row.Sinks,
            ["sinkCount"] = row.SinkCount,
        };
        if (row.RealSources != 0 || row.RealSinks != 0)
            (json["realSources"], json["realSinks"]) = (row.RealSources, row.RealSinks);
        return json;
    }

    /// <param name="Rows">The sums.</param>
    /// <param name="Next">The <c>position</c> of the next page; null on the last.</param>
    internal sealed record LedgerAnswer(LedgerRowAnswer[] Rows, string? Next);

    /// <param name="Day">The UTC day.</param>
    /// <param name="Kind">The kind.</param>
    /// <param name="Path">The property.</param>
    /// <param name="Reason">The reason that changes gave.</param>
    /// <param name="Sources">What was added, of whole numbers.</param>
    /// <param name="SourceCount">How often.</param>
    /// <param name="Sinks">What was taken, of whole numbers.</param>
    /// <param name="SinkCount">How often.</param>
    /// <param name="RealSources">What was added, of numbers with a point, where there are any.</param>
    /// <param name="RealSinks">What was taken, of numbers with a point, where there are any.</param>
    internal sealed record LedgerRowAnswer(
        DateOnly Day, string Kind, string Path, string Reason, long Sources, long SourceCount, long Sinks, long SinkCount, double? RealSources, double? RealSinks);
}
