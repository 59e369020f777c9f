using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Changing;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Errors;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Profiles.Batches;

/// <summary><c>POST /api/v1/profiles/batch</c>: changes many profiles, each for itself, with a result for each. What is wrong with one says nothing of the others.</summary>
internal static partial class SubmitBatch
{
    public static void Map(IEndpointRouteBuilder routes, ProfilesOptions options) => routes.MapPost("/profiles/batch", HandleAsync)
        .WithMaxBody(options.MaxBatchBodyBytes)
        .WithName("SubmitBatch").WithSummary("Changes many profiles, each for itself")
        .Accepts<BatchRequest>("application/json").TakesChangeHeaders()
        .Produces<BatchAnswer>()
        .WithExample(
            """{"results":[{"version":2},{"error":{"type":"urn:savepoint:entity.not_found","status":404,"code":"entity.not_found","detail":"The entity does not exist."}}]}""",
            """
            {"reason":"match:7","parts":[{"id":"alice","operations":[{"op":"increment","path":"stats.matches","by":1}]},
            {"id":"nobody","operations":[{"op":"increment","path":"stats.matches","by":1}]}]}
            """);

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, EngineRequests engine, ProfilesOptions options, ILogger<ProfilesOptions> logger)
    {
        Preconditions.RefuseIn(context.Request, "expectedVersion of each part");
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var parts = fields.RequiredObjects("parts", options.MaxBatchParts);
        var terms = ProfileChanges.TermsOf(context.Request, fields.Text("reason"));
        fields.EndOfFields();
        if (parts.Count == 0)
            throw fields.Wrong("parts", "has none");

        var principal = context.GetPrincipal();
        var results = await Task.WhenAll(parts.Select(part => SubmitAsync(engine, addresses, logger, principal, part, For(terms, part.Index), context.RequestAborted)));
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
        EngineRequests engine, ProfileAddresses addresses, ILogger logger, Principal principal, JsonObjectItem item, UnitTerms terms, CancellationToken cancellationToken)
    {
        try
        {
            var part = item.Read();
            var own = part.Text("reason");
            Mutation[] mutations = [MutationReader.Read(part, addresses)];
            var error = await engine.SubmitAsync(principal, mutations, own is null ? terms : terms with { Reason = own }, cancellationToken);
            return (mutations[0].ResultVersion, error);
        }
        catch (ProblemException problem)
        {
            return (0, problem.Error);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The other parts have their results all the same. Whether this one took effect is not known.
            Failed(logger, item.Index, fault);
            var error = RequestErrors.Of(ErrorCodes.Internal, "The server has a fault.");
            error.OutcomeUnknown = true;
            return (0, error);
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

    [LoggerMessage(301, LogLevel.Error, "Part {Part} of a batch failed. Please report it.")]
    private static partial void Failed(ILogger logger, int part, Exception exception);

    /// <param name="Parts">The changes; at most 1,000.</param>
    /// <param name="Reason">Why, for the history of each that gives no reason of its own.</param>
    internal sealed record BatchRequest(PartRequest[] Parts, string? Reason);

    /// <summary>One change of a batch. It asks for exactly one of <c>operations</c>, <c>intent</c>, <c>message</c>, <c>restoreVersion</c> and <c>remove</c>.</summary>
    internal sealed record PartRequest : MutationRequest
    {
        /// <summary>Why, for the history.</summary>
        public string? Reason { get; init; }
    }

    /// <param name="Results">One for each part, in order.</param>
    internal sealed record BatchAnswer(PartAnswer[] Results);

    /// <param name="Version">The version that the part made; for a message, its number.</param>
    /// <param name="Error">The problem, where it was refused.</param>
    internal sealed record PartAnswer(long? Version, JsonObject? Error);
}
