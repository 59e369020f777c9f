using System.Net;
using Savepoint.Engine;

namespace Savepoint.Server.Development;

/// <summary><c>POST /dev/tokens</c>: gives whoever asks from this machine a token for any player.</summary>
internal static class DevelopmentTokenEndpoint
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static void MapDevelopmentTokens(this IEndpointRouteBuilder routes) => routes.MapPost("/dev/tokens", Issue);

    private static IResult Issue(HttpContext context, TokenRequest request, DevelopmentKeys keys, TimeProvider time)
    {
        if (!IsLocal(context))
            return Results.NotFound();
        if (request.UserId is not { Length: > 0 and <= EntityKey.MaxIdLength } userId || userId.Any(char.IsControl))
            return Results.BadRequest(new { error = "userId has 1 to 256 characters." });

        var now = time.GetUtcNow();
        return Results.Ok(new { token = keys.IssueToken(userId, now, now + Lifetime), expiresAt = now + Lifetime });
    }

    /// <summary>The name that was asked for counts as well as the address: a web page could have its own name point to this machine.</summary>
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && (context.Request.Host.Host is "localhost" || (IPAddress.TryParse(context.Request.Host.Host, out var host) && IPAddress.IsLoopback(host)));

    internal sealed record TokenRequest(string? UserId);
}
