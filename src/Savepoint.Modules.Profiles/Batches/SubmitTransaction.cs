using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Changing;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol;

namespace Savepoint.Modules.Profiles.Batches;

/// <summary><c>POST /api/v1/transactions</c>: changes several profiles in one commit, or none of them, whichever nodes own them.</summary>
internal static class SubmitTransaction
{
    public static void Map(IEndpointRouteBuilder routes, ProfilesOptions options) => routes.MapPost("/transactions", HandleAsync)
        .WithMaxBody(options.MaxBatchBodyBytes)
        .WithName("SubmitTransaction").WithSummary("Changes several profiles together, or none")
        .Accepts<TransactionRequest>("application/json").TakesChangeHeaders()
        .Produces<TransactionAnswer>()
        .ProducesChangeProblems().ProducesProblems(ErrorCodes.VersionNotFound, ErrorCodes.TooManyMessages).ProducesProblemsOfIntents()
        .WithExample("""{"versions":[2,3]}""", """
            {"reason":"trade","mutations":[{"id":"alice","operations":[{"op":"increment","path":"currency.gold","by":-50,"min":0}]},
            {"id":"bob","operations":[{"op":"increment","path":"currency.gold","by":50}]}]}
            """);

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, ProfileChanges changes, EngineRequests engine, ProfilesOptions options)
    {
        Preconditions.RefuseIn(context.Request, "expectedVersion of each mutation");
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var parts = fields.RequiredObjects("mutations", options.MaxBatchParts);
        var terms = ProfileChanges.TermsOf(context.Request, fields.Text("reason"));
        fields.EndOfFields();
        if (parts.Count == 0)
            throw fields.Wrong("mutations", "has none");

        var mutations = parts.Select(part => MutationReader.Read(part.Read(), addresses)).ToArray();
        if (await engine.SubmitAsync(context.GetPrincipal(), mutations, terms, context.RequestAborted) is { } error)
        {
            await changes.RefuseAsync(context, error, mutations[Math.Min((int)error.Mutation, mutations.Length - 1)].Key);
            return;
        }

        await ProfileJson.WriteAsync(context.Response, key: null, json =>
        {
            json.WriteStartArray("versions");
            foreach (var mutation in mutations)
                json.WriteNumberValue(mutation.ResultVersion);
            json.WriteEndArray();
        });
    }

    /// <param name="Mutations">The changes, each of another profile; at most 64.</param>
    /// <param name="Reason">Why, for the history and the ledger.</param>
    internal sealed record TransactionRequest(MutationRequest[] Mutations, string? Reason);

    /// <param name="Versions">One for each mutation, in order: the version that it made; for a message, its number.</param>
    internal sealed record TransactionAnswer(long[] Versions);
}
