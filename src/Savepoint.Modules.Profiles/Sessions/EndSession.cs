using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Changing;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Profiles.Sessions;

/// <summary>
/// <c>DELETE /api/v1/profiles/{id}/session</c>: an admin ends the session, whoever holds it. The holder learns of it at once; what it has not saved is lost, and
/// what it still sends has no effect. It is written to the audit log.
/// </summary>
internal static class EndSession
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/{id}/session", HandleAsync)
        .RequirePrincipal(PrincipalRole.Admin)
        .WithName("EndSession").WithSummary("Ends a profile's session")
        .TakesChangeHeaders()
        .Produces<EndedAnswer>()
        .ProducesReadProblems().ProducesProblems(ErrorCodes.RequestReused, ErrorCodes.OutcomeUnknown)
        .WithExample("""{"kind":"profile","id":"alice","ended":true}""");

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, SessionEnding sessions)
    {
        var key = addresses.KeyOf(context);
        var error = await sessions.EndAsync(context.GetPrincipal(), key, ProfileChanges.TermsOf(context.Request, reason: null));
        if (error is not null && error.Code != ErrorCodes.NotFound)
            await Problem.WriteAsync(context, error);
        else
            await ProfileJson.WriteAsync(context.Response, key, json => json.WriteBoolean("ended", error is null));
    }

    /// <param name="Kind">The profile's kind.</param>
    /// <param name="Id">The profile's id.</param>
    /// <param name="Ended">False: nobody held one.</param>
    internal sealed record EndedAnswer(string Kind, string Id, bool Ended);
}
