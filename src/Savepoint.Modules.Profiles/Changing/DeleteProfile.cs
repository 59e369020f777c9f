using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Json;

namespace Savepoint.Modules.Profiles.Changing;

/// <summary><c>DELETE /api/v1/profiles/{id}</c>: removes a profile. A tombstone stays, which goes on counting versions; older ones can be read and brought back.</summary>
internal static class DeleteProfile
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/{id}", HandleAsync)
        .WithName("DeleteProfile").WithSummary("Removes a profile")
        .TakesPreconditions().TakesChangeHeaders()
        .Produces<ChangeAnswer>().GivesEntityTag()
        .ProducesChangeProblems().ProducesPreconditionProblems()
        .WithExample("""{"kind":"profile","id":"alice","version":2}""");

    private static Task HandleAsync(HttpContext context, ProfileAddresses addresses, ProfileChanges changes)
    {
        var mutation = new Mutation { Key = addresses.KeyOf(context), Kind = MutationKind.Remove, ExpectedVersion = Preconditions.Expected(context.Request) };
        return changes.SubmitAsync(context, mutation, ProfileChanges.TermsOf(context.Request, reason: null));
    }
}
