using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Profiles.Sessions;

/// <summary><c>GET /api/v1/profiles/{id}/session</c>: who holds the profile's session.</summary>
internal static class GetSession
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/{id}/session", HandleAsync)
        .RequirePrincipal(PrincipalRole.GameServer, PrincipalRole.Service, PrincipalRole.Support, PrincipalRole.Admin)
        .WithName("GetSession").WithSummary("Says who holds a profile's session")
        .Produces<SessionAnswer>()
        .ProducesReadProblems()
        .WithExample("""{"kind":"profile","id":"alice","session":{"number":3,"holder":"eu-1","since":"2026-11-26T01:50:12.1234567Z"}}""");

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, EngineRequests engine)
    {
        var key = addresses.KeyOf(context);
        var (snapshot, error) = await engine.ReadAsync(context.GetPrincipal(), key, version: 0, context.RequestAborted);
        if (error is not null)
        {
            await Problem.WriteAsync(context, error);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        await ProfileJson.WriteAsync(context.Response, key, json =>
        {
            if (snapshot.Session is not { } session)
            {
                json.WriteNull("session");
                return;
            }

            json.WriteStartObject("session");
            json.WriteNumber("number", session.Number);
            json.WriteString("holder", session.Holder);
            json.WriteString("since", session.Since.UtcDateTime);
            json.WriteEndObject();
        });
    }

    /// <param name="Kind">The profile's kind.</param>
    /// <param name="Id">The profile's id.</param>
    /// <param name="Session">The session; null when nobody holds one.</param>
    internal sealed record SessionAnswer(string Kind, string Id, HeldAnswer? Session);

    /// <param name="Number">The fencing number.</param>
    /// <param name="Holder">What the holder is called.</param>
    /// <param name="Since">Since when it has it.</param>
    internal sealed record HeldAnswer(long Number, string Holder, DateTimeOffset Since);
}
