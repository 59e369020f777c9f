using System.Text.Json;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;
using Savepoint.Streams.Errors;

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
    public static void MapPlayerKeys(this IEndpointRouteBuilder routes)
    {
        RequestDelegate answer = AnswerAsync;
        routes.MapGet("/.well-known/jwks.json", answer)
            .WithMetadata(answer.Method, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(KeySetAnswer), ["application/jwk-set+json"]))
            .WithName("GetPlayerKeys").WithSummary("Gives the public keys of players' tokens").WithTags("Tokens")
            .ProducesProblems(ErrorCodes.Unavailable)
            .WithExample("""{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"0.681","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""");
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        if (context.RequestServices.GetRequiredService<PlayerKeyRing>().Keys is not { } keys)
        {
            await Problem.WriteAsync(context, RequestErrors.NotReady());
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

    /// <param name="Keys">The keys: the one before, the present and the next.</param>
    internal sealed record KeySetAnswer(KeyAnswer[] Keys);

    /// <summary>A public key (RFC 7517).</summary>
    internal sealed record KeyAnswer(string Kty, string Crv, string Use, string Alg, string Kid, string X, string Y);

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
