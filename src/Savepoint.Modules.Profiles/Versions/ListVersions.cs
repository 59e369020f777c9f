using System.Globalization;
using System.Text.Json;
using Savepoint.Engine.Reading;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Json;

namespace Savepoint.Modules.Profiles.Versions;

/// <summary><c>GET /api/v1/profiles/{id}/versions</c>: a profile's versions, page by page.</summary>
internal static class ListVersions
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/{id}/versions", HandleAsync)
        .WithName("ListVersions").WithSummary("Lists a profile's versions")
        .TakesQuery("order", "`newest` first, or `oldest`.", "newest")
        .TakesQuery("limit", "The most of a page, 1 to 1,000. The default is 100.", "100", isNumber: true)
        .TakesQuery("from", "Made at or after this moment.", "2026-01-31T12:00:00Z").TakesQuery("until", "Made before this moment.")
        .TakesQuery("fromVersion", "The lowest version.", isNumber: true).TakesQuery("toVersion", "The highest version.", isNumber: true)
        .TakesQuery("cursor", "`next` of the page before; all else has to be as for that page.")
        .Produces<VersionsAnswer>()
        .ProducesReadProblems()
        .WithExample("""
            {"kind":"profile","id":"alice","versions":[{"version":1,"at":"2026-01-31T12:00:00Z","removed":false,"readable":true,"actor":"service:shop","reason":"signup",
            "correlationId":null,"eventType":null,"deltaBytes":32}],"next":null}
            """);

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, EngineRequests engine)
    {
        var key = addresses.KeyOf(context);
        var query = context.Request.Query;
        var wanted = new AwaitedListing
        {
            Key = key,
            FromVersion = query.Count("fromVersion") ?? 0,
            ToVersion = query.Count("toVersion") ?? 0,
            From = query.Moment("from"),
            Until = query.Moment("until"),
            IsOldestFirst = query.Text("order") switch
            {
                null or "newest" => false,
                "oldest" => true,
                _ => throw QueryValues.Wrong("order", "is newest or oldest"),
            },
            Limit = query.Limit(VersionListing.MaxLimit, VersionListing.DefaultLimit),
            Position = PositionOf(query.Text("cursor")),
        };
        var (page, error) = await engine.ListAsync(context.GetPrincipal(), wanted, context.RequestAborted);
        if (error is not null)
        {
            await Problem.WriteAsync(context, error);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        await ProfileJson.WriteAsync(context.Response, key, json => Write(json, page!));
    }

    private static void Write(Utf8JsonWriter json, VersionPage page)
    {
        json.WriteStartArray("versions");
        foreach (var version in page.Versions)
            Write(json, version);
        json.WriteEndArray();
        if (page.Next is { } next)
            json.WriteString("next", string.Create(CultureInfo.InvariantCulture, $"{next.Version}.{next.Sequence}"));
        else
            json.WriteNull("next");
    }

    private static void Write(Utf8JsonWriter json, VersionInfo version)
    {
        json.WriteStartObject();
        json.WriteNumber("version", version.Version);
        json.WriteString("at", version.At.UtcDateTime);
        json.WriteBoolean("removed", version.IsRemoval);
        json.WriteBoolean("readable", version.IsReadable);
        if (version.HasRecord)
        {
            json.WriteString("actor", version.Actor);
            json.WriteString("reason", version.Reason);
            json.WriteString("correlationId", version.CorrelationId);
            json.WriteString("eventType", version.EventType);
            json.WriteNumber("deltaBytes", version.DeltaBytes);
            if (version.RestoredVersion is { } restored)
                json.WriteNumber("restoredVersion", restored);
        }

        json.WriteEndObject();
    }

    private static VersionPosition PositionOf(string? cursor)
    {
        if (cursor is null)
            return default;
        var parts = cursor.Split('.');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? new VersionPosition(version, sequence)
            : throw QueryValues.Wrong("cursor", "has to be 'next' of the page before");
    }

    /// <param name="Kind">The profile's kind.</param>
    /// <param name="Id">The profile's id.</param>
    /// <param name="Versions">The versions; there may be none although there is a next page.</param>
    /// <param name="Next">The cursor of the next page; null on the last.</param>
    internal sealed record VersionsAnswer(string Kind, string Id, VersionAnswer[] Versions, string? Next);

    /// <param name="Version">Its number.</param>
    /// <param name="At">When it was made.</param>
    /// <param name="Removed">Whether the profile was removed.</param>
    /// <param name="Readable">Whether it can be read and brought back.</param>
    /// <param name="Actor">Who made it.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="CorrelationId">What ties it to the request that caused it.</param>
    /// <param name="EventType">The intent that made it, or <c>rollback:</c> and a version.</param>
    /// <param name="DeltaBytes">The bytes of the delta that led to it.</param>
    /// <param name="RestoredVersion">The version that it brought back.</param>
    internal sealed record VersionAnswer(
        long Version, DateTimeOffset At, bool Removed, bool Readable, string? Actor, string? Reason, string? CorrelationId, string? EventType, int? DeltaBytes, long? RestoredVersion);
}
