using System.Text.Json;
using System.Text.Json.Nodes;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Changing;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Profiles.Batches;

/// <summary><c>POST /api/v1/profiles/batch</c>: changes many profiles, each for itself, with a result for each. What is wrong with one says nothing of the others.</summary>
internal static class SubmitBatch
{
    public static void Map(IEndpointRouteBuilder routes, ProfilesOptions options) => routes.MapPost("/profiles/batch", HandleAsync)
        .WithMaxBody(options.MaxBatchBodyBytes)
        .WithName("SubmitBatch").WithSummary("Changes many profiles, each for itself")
        .Accepts<object>("application/json")
        .Produces<BatchAnswer>()
        .ProducesChangeProblems();

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, EngineRequests engine, ProfilesOptions options)
    {
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var parts = fields.RequiredObjects("parts");
        var terms = ProfileChanges.TermsOf(context.Request, fields.Text("reason"));
        fields.EndOfFields();
        if (parts.Count == 0 || parts.Count > options.MaxBatchParts)
            throw fields.Wrong("parts", $"has 1 to {options.MaxBatchParts} parts");

        var principal = context.GetPrincipal();
        var results = await Task.WhenAll(parts.Select((part, index) => SubmitAsync(engine, addresses, principal, part, For(terms, index), context.RequestAborted)));
        await ProfileJson.WriteAsync(context.Response, key: null, json =>
        {
            json.WriteStartArray("results");
            foreach (var result in results)
                Write(json, result);
            json.WriteEndArray();
        });
    }

    // A key of its own for each part would take a place in the tables of writers for each.
    private static UnitTerms For(UnitTerms terms, int part) => terms with { BatchPart = part };

    private static async Task<(long Version, Error? Error)> SubmitAsync(
        EngineRequests engine, ProfileAddresses addresses, Principal principal, JsonFields part, UnitTerms terms, CancellationToken cancellationToken)
    {
        try
        {
            var own = part.Text("reason");
            Mutation[] mutations = [MutationReader.Read(part, addresses)];
            var error = await engine.SubmitAsync(principal, mutations, own is null ? terms : terms with { Reason = own }, cancellationToken);
            return (mutations[0].ResultVersion, error);
        }
        catch (ProblemException problem)
        {
            return (0, problem.Error);
        }
    }

    private static void Write(Utf8JsonWriter json, (long Version, Error? Error) result)
    {
        json.WriteStartObject();
        if (result.Error is { } error)
        {
            json.WritePropertyName("error");
            Problem.Describe(error, HttpStatus.Of(error)).WriteTo(json);
        }
        else
        {
            json.WriteNumber("version", result.Version);
        }

        json.WriteEndObject();
    }

    /// <param name="Results">One for each part, in order.</param>
    internal sealed record BatchAnswer(PartAnswer[] Results);

    /// <param name="Version">The version that the part made; for a message, its number.</param>
    /// <param name="Error">The problem, where it was refused.</param>
    internal sealed record PartAnswer(long? Version, JsonObject? Error);
}
