using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Errors;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Profiles.Changing;

/// <summary>
/// <c>PUT /api/v1/profiles/{id}</c>: makes a profile (<c>If-None-Match: *</c>) or replaces what a version of it holds (<c>If-Match: "7"</c>). Without saying which
/// nothing is done, since it would overwrite what the caller has not seen.
/// </summary>
internal static class PutProfile
{
    // As often as a change that expects no particular version is tried, where others come in between.
    private const int Attempts = 8;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPut("/{id}", HandleAsync)
        .WithName("PutProfile").WithSummary("Makes a profile, or replaces it")
        .Accepts<PutRequest>("application/json").TakesPreconditions().TakesChangeHeaders()
        .Produces<ChangeAnswer>().Produces<ChangeAnswer>(StatusCodes.Status201Created).GivesEntityTag()
        .ProducesChangeProblems().ProducesPreconditionProblems().ProducesProblems(ProblemCodes.PreconditionRequired)
        .WithExample(
            """{"kind":"profile","id":"alice","version":1}""",
            """{"document":{"name":"Ada","currency":{"gold":100},"items":["torch"]},"reason":"signup"}""",
            StatusCodes.Status201Created);

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, ProfileChanges changes, EngineRequests engine)
    {
        var key = addresses.KeyOf(context);
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var document = fields.Document("document") ?? throw fields.Wrong("document", "is missing");
        var reason = fields.Text("reason");
        fields.EndOfFields();
        var terms = ProfileChanges.TermsOf(context.Request, reason);
        switch (Preconditions.Expected(context.Request))
        {
            case null:
                throw new ProblemException(
                    RequestErrors.Of(ProblemCodes.PreconditionRequired, "Say If-None-Match: * to make the profile, or If-Match with its version to replace it."));
            case 0:
                var created = new Mutation { Key = key, ExpectedVersion = 0, Payload = DocumentDifference.Between(new Document(), document) };
                await changes.SubmitAsync(context, created, terms, status: StatusCodes.Status201Created);
                break;
            case { } expected:
                await ReplaceAsync(context, key, document, expected, terms, changes, engine);
                break;
        }
    }

    private static async Task ReplaceAsync(
        HttpContext context, EntityKey key, Document document, long expected, UnitTerms terms, ProfileChanges changes, EngineRequests engine)
    {
        // The first answer to a repeated request is found by what was asked for, not by what there is now.
        var match = expected == VersionHeaders.OneOfSeveral ? context.Request.Headers.IfMatch.ToString() : $"{expected}";
        terms = terms with { Fingerprint = IdempotencyKey.FingerprintOf("put", key.Kind, key.Id, match, Convert.ToHexString(document.ToBytes()), terms.Reason ?? "") };
        for (var attempt = 0; ; attempt++)
        {
            var (snapshot, error) = await engine.ReadAsync(context.GetPrincipal(), key, version: 0, context.RequestAborted);
            if (expected == VersionHeaders.OneOfSeveral)
                expected = VersionHeaders.ExpectedOf(context.Request, snapshot.Version);
            error ??= Refused(key, snapshot, expected, terms);
            if (error is not null)
            {
                await changes.RefuseAsync(context, error, key);
                return;
            }

            Mutation[] mutations = [Replacement(key, snapshot, document, expected)];
            error = await engine.SubmitAsync(context.GetPrincipal(), mutations, For(terms, attempt), context.RequestAborted);
            if (error is null)
            {
                await ProfileChanges.AnswerAsync(context, mutations[0]);
                return;
            }

            // Whoever expects no particular version is never behind. What was removed stays so, whichever version that is told of.
            if (expected != Mutation.AnyVersion || error.Code != ErrorCodes.VersionMismatch || attempt + 1 == Attempts)
            {
                await changes.RefuseAsync(context, error, key);
                return;
            }

            if (snapshot.Document is null && error.ExpectedVersion == (ulong)snapshot.Version)
            {
                await changes.RefuseAsync(context, NotFound(key), key);
                return;
            }
        }
    }

    /// <summary>What needs no asking of the engine: that can't be, and can't have been done by the same request before either, which leads to a version above the expected one.</summary>
    private static Error? Refused(EntityKey key, in EntitySnapshot snapshot, long expected, UnitTerms terms)
    {
        if (snapshot.Document is null && (terms.IdempotencyKey is null || snapshot.Version == 0 || expected > snapshot.Version))
            return NotFound(key);

        // The version may come while the request is on its way: what differs from another one must not be applied to it.
        return expected <= snapshot.Version ? null : new Error
        {
            Code = ErrorCodes.VersionMismatch,
            Message = "The entity is not at the expected version.",
            Kind = key.Kind,
            Id = key.Id,
            ExpectedVersion = (ulong)expected,
            CurrentVersion = (ulong)snapshot.Version,
        };
    }

    /// <summary>Of a profile that is removed it expects a version that is over, so that it is refused, unless the engine knows the request from before.</summary>
    private static Mutation Replacement(EntityKey key, in EntitySnapshot snapshot, Document document, long expected) => new()
    {
        Key = key,
        ExpectedVersion = expected == Mutation.AnyVersion ? snapshot.Version : expected,
        Payload = DocumentDifference.Between(snapshot.Document is { } present ? ProfileJson.Decode(present) : new Document(), document),
    };

    /// <summary>Each attempt is a request of its own, so it gets a key of its own: the same attempts come again when the request does, up to the one that succeeded.</summary>
    private static UnitTerms For(UnitTerms terms, int attempt) => attempt > 0 && terms.IdempotencyKey is { } key ? terms with { IdempotencyKey = $"{key}\0again{attempt}" } : terms;

    private static Error NotFound(EntityKey key) => new() { Code = ErrorCodes.NotFound, Message = "The entity does not exist.", Kind = key.Kind, Id = key.Id };

    /// <param name="Document">The whole document.</param>
    /// <param name="Reason">Why, for the history.</param>
    internal sealed record PutRequest(JsonElement Document, string? Reason);
}
