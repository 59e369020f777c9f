using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Savepoint.Protocol.Messages;

namespace Savepoint.Hosting.Problems;

/// <summary>Answers with a problem: <c>application/problem+json</c> (RFC 9457), with a <c>code</c> for programs.</summary>
public static class Problem
{
    /// <summary>The content type of problems.</summary>
    public const string ContentType = "application/problem+json";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers a request with a problem.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status code.</param>
    /// <param name="code">Stable, for programs.</param>
    /// <param name="detail">For people.</param>
    /// <param name="retryAfter">When trying again makes sense; null for no hint.</param>
    public static Task WriteAsync(HttpContext context, int status, string code, string detail, TimeSpan? retryAfter = null) =>
        WriteAsync(context, Describe(status, code, detail), status, retryAfter);

    /// <summary>Answers a request with an error of the stream protocol: the same codes mean the same over HTTP.</summary>
    /// <param name="context">The request.</param>
    /// <param name="error">The error.</param>
    /// <param name="status">The status code; null for that of <see cref="HttpStatus"/>.</param>
    /// <param name="with">Adds to the body what only the endpoint knows; null for nothing.</param>
    public static Task WriteAsync(HttpContext context, Error error, int? status = null, Action<JsonObject>? with = null)
    {
        var chosen = status ?? HttpStatus.Of(error);
        var body = Describe(error, chosen);
        with?.Invoke(body);
        return WriteAsync(context, body, chosen, error.Transient ? TimeSpan.FromMilliseconds(error.RetryAfterMs) : null);
    }

    /// <summary>The body of an error's problem.</summary>
    public static JsonObject Describe(Error error, int status)
    {
        var body = Describe(status, error.Code, error.Message);
        body["transient"] = error.Transient;
        if (error.OutcomeUnknown)
            body["outcomeUnknown"] = true;
        if (error.Transient)
            body["retryAfterMs"] = error.RetryAfterMs;
        if (error.Mutation != 0)
            body["mutation"] = error.Mutation;
        Add(body, "kind", error.Kind);
        Add(body, "id", error.Id);
        Add(body, "path", error.Path);
        Add(body, "holder", error.Holder);
        if (error.Code == Protocol.ErrorCodes.VersionMismatch || error.ExpectedVersion != 0)
            body["expectedVersion"] = error.ExpectedVersion;
        if (error.Code == Protocol.ErrorCodes.VersionMismatch || error.CurrentVersion != 0)
            body["currentVersion"] = error.CurrentVersion;
        return body;
    }

    private static JsonObject Describe(int status, string code, string detail) =>
        new() { ["type"] = $"urn:savepoint:{code}", ["status"] = status, ["code"] = code, ["detail"] = detail };

    private static void Add(JsonObject body, string name, string value)
    {
        if (value.Length > 0)
            body[name] = value;
    }

    private static Task WriteAsync(HttpContext context, JsonObject body, int status, TimeSpan? retryAfter)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        if (retryAfter is { } wait)
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return context.Response.WriteAsync(body.ToJsonString(Readable), context.RequestAborted);
    }
}
