using System.Globalization;
using System.Text.Json.Nodes;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
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
        .WithName("ListLedger").WithSummary("Lists what was added to and taken from properties");

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
        var to = Day(query, "to") ?? today;
        var from = Day(query, "from") ?? to;
        return from > to ? throw Wrong("from", "is after 'to'") : new LedgerQuery(from, to)
        {
            Kind = Text(query, "kind"),
            Path = Text(query, "path"),
            Reason = Text(query, "reason"),
            Limit = Limit(query),
            After = Text(query, "position") is { } position ? LedgerPosition.Parse(position) ?? throw Wrong("position", "is none of a page") : null,
        };
    }

    private static string? Text(IQueryCollection query, string name) => query[name] is { Count: > 0 } values ? values[0] : null;

    private static DateOnly? Day(IQueryCollection query, string name)
    {
        if (Text(query, name) is not { } text)
            return null;
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw Wrong(name, "has to be a day such as 2026-01-31");
    }

    private static int Limit(IQueryCollection query)
    {
        if (Text(query, "limit") is not { } text)
            return DefaultLimit;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit
            ? limit
            : throw Wrong("limit", $"has to be 1 to {MaxLimit}");
    }

    private static ProblemException Wrong(string name, string what) => new(ErrorCodes.InvalidRequest, $"'{name}' {what}.");

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
}
