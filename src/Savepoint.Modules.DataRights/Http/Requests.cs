using System.Text.Json.Nodes;
using Savepoint.Engine;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
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

    public static string? Text(HttpContext context, string name) => context.Request.Query.Text(name);

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
