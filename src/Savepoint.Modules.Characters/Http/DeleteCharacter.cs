using Savepoint.Engine;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.Access;
using Savepoint.Modules.Characters.Intents;
using Savepoint.Modules.Characters.State;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Mutation = Savepoint.Engine.Units.Mutation;
using MutationKind = Savepoint.Engine.Units.MutationKind;

namespace Savepoint.Modules.Characters.Http;

/// <summary>
/// <c>DELETE /api/v1/characters/{id}</c>: removes a character and its entry in the roster, so that its name is free again. The version that was seen has to be said, as
/// <c>If-Match</c> or <c>?version=7</c>: nobody deletes what has become something else meanwhile. Of a character
/// that is gone already, removed by an admin or a repair, the entry is removed alone, so that its name and its place are free again.
/// </summary>
internal static class DeleteCharacter
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/{id}", (Delegate)HandleAsync)
        .WithName("DeleteCharacter").WithSummary("Deletes a character")
        .TakesQuery(CharacterIntent.Version, "The version that was seen; or as `If-Match`.", "6", isNumber: true)
        .Produces(StatusCodes.Status204NoContent)
        .OfOne().ProducesChanges([]).ProducesMismatches(isRequired: true);

    private static async Task HandleAsync(HttpContext context, CharacterPermissions permissions, EngineRequests engine, CharacterAnswers answers, CharacterMetrics metrics)
    {
        var principal = context.GetPrincipal();
        var user = CharacterAddress.UserOf(context, principal);
        var key = CharacterAddress.KeyOf(context, principal);
        permissions.Demand(principal, key, CharacterKind.Delete);
        var version = context.Request.Query.Count(CharacterIntent.Version);
        Mutation[] changes =
        [
            new Mutation
            {
                Key = key,
                Kind = MutationKind.Remove,
                ExpectedVersion = ExpectedVersion.Of(context.Request, version is 0 ? throw QueryValues.Wrong(CharacterIntent.Version, "counts from 1") : version, isRequired: true),
            },
            Roster.Removing(user, CharacterId.IdOf(key)),
        ];
        var (terms, error) = await engine.ChooseAsync(context.Request, principal, changes, CharacterAnswers.TermsOf(context, CharacterKind.Delete), context.RequestAborted);
        error ??= await engine.SubmitUncheckedAsync(principal, changes, terms, context.RequestAborted);

        // The second attempt is another request, and the first one's refusal is on record under the key: so it gets a number of its own there, as a part of a batch does.
        if (error is not null && await IsGoneAsync(engine, principal, key, error, context.RequestAborted))
            error = await engine.SubmitUncheckedAsync(principal, [Roster.RemovingAlone(user, CharacterId.IdOf(key))], terms with { BatchPart = 0 }, context.RequestAborted);
        metrics.Answered(CharacterKind.Delete, error);
        if (error is null)
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        else
            await answers.RefusedAsync(context, error, key);
    }

    private static async Task<bool> IsGoneAsync(EngineRequests engine, Principal principal, EntityKey key, Error error, CancellationToken cancellationToken)
    {
        if (error.Code != ErrorCodes.VersionMismatch)
            return error.Code == ErrorCodes.NotFound;
        var (snapshot, unread) = await engine.ReadAsync(principal, key, version: 0, cancellationToken);
        return unread is null && snapshot.Document is null;
    }
}
