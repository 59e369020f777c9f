using System.Text.Json;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;

namespace Savepoint.Hosting.Tokens;

/// <summary><c>GET /.well-known/jwks.json</c>: the public keys of players' tokens (RFC 7517), for whoever wants to check tokens of this server.</summary>
public static class KeySetEndpoint
{
    /// <summary>
    /// The next key is shown for a whole span before it signs, so an hour, which no span is shorter than, is never too long. What was signed with a key that is no more has
    /// expired.
    /// </summary>
    private const string Caching = "public, max-age=3600";

    /// <summary>Serves the keys to everybody. Needs a <see cref="PlayerKeyRing"/>.</summary>
    public static void MapPlayerKeys(this IEndpointRouteBuilder routes) => routes.MapGet("/.well-known/jwks.json", (RequestDelegate)AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        IReadOnlyList<PlayerKey> keys;
        try
        {
            keys = context.RequestServices.GetRequiredService<PlayerKeyRing>().Keys;
        }
        catch (InvalidOperationException)
        {
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, ErrorCodes.Unavailable, "The server is not ready.", TimeSpan.FromSeconds(1));
            return;
        }

        context.Response.ContentType = "application/jwk-set+json";
        context.Response.Headers.CacheControl = Caching;
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartArray("keys");
        foreach (var key in keys)
            Write(json, key);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PlayerKey key)
    {
        var shown = key.Verifying;
        json.WriteStartObject();
        json.WriteString("kty", shown.Kty);
        json.WriteString("crv", shown.Crv);
        json.WriteString("use", shown.Use);
        json.WriteString("alg", shown.Alg);
        json.WriteString("kid", shown.Kid);
        json.WriteString("x", shown.X);
        json.WriteString("y", shown.Y);
        json.WriteEndObject();
    }
}
