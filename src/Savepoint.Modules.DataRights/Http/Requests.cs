using System.Globalization;
using System.Text.Json.Nodes;
using Savepoint.Engine;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;
using Savepoint.Streams.Errors;

namespace Savepoint.Modules.DataRights;

/// <summary>What the endpoints read of requests, and how they answer.</summary>
internal static class Requests
{
    private const int MaxReasonLength = 256;

    public static string UserOf(HttpContext context) => context.Request.RouteValues["id"] is string { Length: > 0 and <= EntityKey.MaxIdLength } user
        ? user
        : throw Wrong("id", $"has 1 to {EntityKey.MaxIdLength} characters");

    public static Requester By(HttpContext context, string? reason) => reason is { Length: > MaxReasonLength }
        ? throw Wrong("reason", $"has at most {MaxReasonLength} characters")
        : new Requester(context.GetPrincipal().Actor, context.Connection.RemoteIpAddress?.ToString(), string.IsNullOrWhiteSpace(reason) ? null : reason);

    public static string? Text(HttpContext context, string name) => context.Request.Query[name] is { Count: > 0 } values ? values[0] : null;

    public static int Limit(HttpContext context, int most)
    {
        if (Text(context, "limit") is not { } text)
            return Math.Min(100, most);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= most
            ? limit
            : throw Wrong("limit", $"has to be 1 to {most}");
    }

    public static DateTimeOffset? Moment(HttpContext context, string name)
    {
        if (Text(context, name) is not { } text)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) && text.Contains('-', StringComparison.Ordinal)
            ? at
            : throw Wrong(name, "has to be a moment such as 2026-01-31T12:00:00Z");
    }

    public static ProblemException Wrong(string name, string what) => new(ErrorCodes.InvalidRequest, $"'{name}' {what}.");

    /// <summary>Runs what talks with the engine; a refusal becomes a problem, or, of an answer that has begun, the end of the connection.</summary>
    public static async Task GuardAsync(HttpContext context, Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (RefusedException refused) when (!context.Response.HasStarted)
        {
            throw new ProblemException(RequestErrors.From(refused.Refusal));
        }
        catch (RefusedException)
        {
            // Half of an answer must not look like all of it.
            context.Abort();
        }
    }

    public static Task AnswerAsync(HttpContext context, JsonObject answer)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }

    public static JsonArray Keys(IEnumerable<EntityKey> keys) => [.. keys.Select(key => new JsonObject { ["kind"] = key.Kind, ["id"] = key.Id })];
}
