using System.Text.Json.Nodes;

namespace Savepoint.Hosting.Problems;

/// <summary>Answers with a problem: <c>application/problem+json</c> (RFC 9457), with a <c>code</c> for programs.</summary>
public static class Problem
{
    private const string ContentType = "application/problem+json";

    /// <summary>Answers a request with a problem.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status code.</param>
    /// <param name="code">Stable, for programs.</param>
    /// <param name="detail">For people.</param>
    /// <param name="retryAfter">When trying again makes sense; null for no hint.</param>
    public static Task WriteAsync(HttpContext context, int status, string code, string detail, TimeSpan? retryAfter = null)
    {
        var body = new JsonObject { ["type"] = $"urn:savepoint:{code}", ["status"] = status, ["code"] = code, ["detail"] = detail };
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        if (retryAfter is { } wait)
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
