using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.Access;

namespace Savepoint.Modules.Characters.Http;

/// <summary><c>GET /api/v1/characters/{id}</c>: the character as it is, with everything that follows by the rules.</summary>
internal static class GetCharacter
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/{id}", (Delegate)HandleAsync)
        .WithName("GetCharacter").WithSummary("Reads a character")
        .TakesHeader("If-None-Match", "The version that the caller has already: 304 where it is the present one.")
        .Produces<CharacterAnswer>().Produces(StatusCodes.Status304NotModified).GivesEntityTag()
        .OfOne().ProducesReads()
        .WithExample(ProducedAnswers.Character);

    private static Task HandleAsync(HttpContext context, CharacterAnswers answers) =>
        answers.PresentAsync(context, CharacterAddress.KeyOf(context, context.GetPrincipal()), VersionHeaders.Known(context.Request));
}
