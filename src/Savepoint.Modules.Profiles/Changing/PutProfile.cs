using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
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
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPut("", HandleAsync)
        .WithName("PutProfile").WithSummary("Makes a profile, or replaces it")
        .Accepts<ProfileAnswer>("application/json")
        .Produces<ChangeAnswer>().Produces<ChangeAnswer>(StatusCodes.Status201Created)
        .ProducesChangeProblems().ProducesProblem(StatusCodes.Status428PreconditionRequired);

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
        var (snapshot, error) = await engine.ReadAsync(context.GetPrincipal(), key, version: 0, context.RequestAborted);
        if (error is null && snapshot.Document is null)
            error = new Error { Code = ErrorCodes.NotFound, Message = "The entity does not exist.", Kind = key.Kind, Id = key.Id };
        if (error is not null)
        {
            await Problem.WriteAsync(context, error);
            return;
        }

        // The first answer to a repeated request is found by what was asked for, not by what there is now.
        terms = terms with { Fingerprint = IdempotencyKey.FingerprintOf("put", key.Kind, key.Id, $"{expected}", Convert.ToHexString(document.ToBytes()), terms.Reason ?? "") };
        var version = expected == Mutation.AnyVersion ? snapshot.Version : expected;
        var mutation = new Mutation { Key = key, ExpectedVersion = version, Payload = DocumentDifference.Between(ProfileJson.Decode(snapshot.Document!), document) };
        await changes.SubmitAsync(context, mutation, terms);
    }
}
