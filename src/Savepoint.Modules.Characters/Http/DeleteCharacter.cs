using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.Access;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Http;

/// <summary>
/// <c>DELETE /api/v1/characters/{id}</c>: removes a character and its entry in the roster, so that its name is free again. The version that was seen has to be said, as
/// <c>If-Match</c> or <c>?version=7</c>: nobody deletes what has become something else meanwhile.
/// </summary>
internal static class DeleteCharacter
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/{id}", (Delegate)HandleAsync)
        .WithName("DeleteCharacter").WithSummary("Deletes a character")
        .TakesQuery(IntentBody.Version, "The version that was seen; or as `If-Match`.", "6", isNumber: true)
        .Produces(StatusCodes.Status204NoContent)
        .OfOne().ProducesChanges([]).ProducesMismatches(isRequired: true);

    private static async Task HandleAsync(HttpContext context, CharacterPermissions permissions, EngineRequests engine, CharacterAnswers answers, CharacterMetrics metrics)
    {
        var principal = context.GetPrincipal();
        var user = CharacterAddress.UserOf(context, principal);
        var key = CharacterAddress.KeyOf(context, principal);
        permissions.Demand(principal, key, CharacterKind.Delete);
        var version = context.Request.Query.Count(IntentBody.Version);
        Mutation[] changes =
        [
            new Mutation
            {
                Key = key,
                Kind = MutationKind.Remove,
                ExpectedVersion = ExpectedVersion.Of(context.Request, version is 0 ? throw QueryValues.Wrong(IntentBody.Version, "counts from 1") : version, isRequired: true),
            },
            Roster.Removing(user, CharacterId.IdOf(key)),
        ];
        var error = await engine.SubmitUncheckedAsync(principal, changes, CharacterAnswers.TermsOf(context, CharacterKind.Delete), context.RequestAborted);
        metrics.Answered(CharacterKind.Delete, error);
        if (error is null)
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        else
            await answers.RefusedAsync(context, error, key);
    }
}
