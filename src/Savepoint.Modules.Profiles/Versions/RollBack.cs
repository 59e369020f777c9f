using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Changing;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol;

namespace Savepoint.Modules.Profiles.Versions;

/// <summary><c>POST /api/v1/profiles/{id}/rollback</c>: brings back what a version held, as a new version. It is written to the audit log, but where a game server asks.</summary>
internal static class RollBack
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/{id}/rollback", HandleAsync)
        .WithName("RollBack").WithSummary("Brings an older version back")
        .Accepts<RollBackRequest>("application/json")
        .TakesPreconditions().TakesChangeHeaders()
        .Produces<ChangeAnswer>().GivesEntityTag()
        .ProducesChangeProblems().ProducesPreconditionProblems().ProducesProblems(ErrorCodes.VersionNotFound)
        .WithExample("""{"kind":"profile","id":"alice","version":3}""", """{"version":1,"reason":"support:4711"}""");

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, ProfileChanges changes)
    {
        var key = addresses.KeyOf(context);
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var mutation = new Mutation
        {
            Key = key,
            Kind = MutationKind.Restore,
            RestoredVersion = fields.Count("version") ?? throw fields.Wrong("version", "is missing"),
            ExpectedVersion = Preconditions.Expected(context.Request, fields.Count("expectedVersion")),
        };
        var reason = fields.Text("reason");
        fields.EndOfFields();
        await changes.SubmitAsync(context, mutation, ProfileChanges.TermsOf(context.Request, reason));
    }

    /// <param name="Version">The version to bring back.</param>
    /// <param name="ExpectedVersion">The version that the profile has to be at now; null for any.</param>
    /// <param name="Reason">Why, for the history.</param>
    internal sealed record RollBackRequest(long Version, long? ExpectedVersion, string? Reason);
}
