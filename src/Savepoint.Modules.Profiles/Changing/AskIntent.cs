using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Json;

namespace Savepoint.Modules.Profiles.Changing;

/// <summary><c>POST /api/v1/profiles/{id}/intents/{intent}</c>: asks for a named command of the profile's kind, whose rules decide what changes.</summary>
internal static class AskIntent
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/{id}/intents/{intent}", HandleAsync)
        .WithName("AskIntent").WithSummary("Asks for an intent")
        .WithRouteExample("intent", "open-chest", "The intent's name.")
        .Accepts<IntentRequest>("application/json").TakesPreconditions().TakesChangeHeaders()
        .Produces<ChangeAnswer>().GivesEntityTag()
        .ProducesChangeProblems().ProducesPreconditionProblems().ProducesProblemsOfIntents()
        .WithExample("""{"kind":"profile","id":"alice","version":2}""", """{"arguments":{"chest":"cellar-3"},"expectedVersion":1}""");

    private static async Task HandleAsync(HttpContext context, string intent, ProfileAddresses addresses, ProfileChanges changes)
    {
        var key = addresses.KeyOf(context);
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var mutation = new Mutation
        {
            Key = key,
            Kind = MutationKind.Intent,
            Intent = intent,
            Payload = (fields.Document("arguments") ?? new Document()).ToBytes(),
            ExpectedVersion = Preconditions.Expected(context.Request, fields.Count("expectedVersion")) ?? (fields.Flag("create") == true ? null : Mutation.AnyVersion),
        };
        var reason = fields.Text("reason");
        fields.EndOfFields();
        await changes.SubmitAsync(context, mutation, ProfileChanges.TermsOf(context.Request, reason));
    }

    /// <param name="Arguments">The intent's arguments: a document.</param>
    /// <param name="ExpectedVersion">The version that the profile has to be at.</param>
    /// <param name="Create">Whether a profile that does not exist is made.</param>
    /// <param name="Reason">Why, for the history and the ledger.</param>
    internal sealed record IntentRequest(JsonElement? Arguments, long? ExpectedVersion, bool? Create, string? Reason);
}
