using System.Text.Json;
using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol;

namespace Savepoint.Modules.Profiles.Changing;

/// <summary><c>PATCH /api/v1/profiles/{id}</c>: changes a profile by operations, or by a JSON merge patch.</summary>
internal static class PatchProfile
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPatch("/{id}", HandleAsync)
        .WithName("PatchProfile").WithSummary("Changes a profile")
        .Accepts<PatchRequest>("application/json", MergePatch.ContentType).TakesPreconditions().TakesChangeHeaders()
        .Produces<ChangeAnswer>().GivesEntityTag()
        .ProducesChangeProblems().ProducesPreconditionProblems()
        .WithExample("""{"kind":"profile","id":"alice","version":2}""", """
            {"operations":[{"op":"increment","path":"currency.gold","by":-30,"min":0},{"op":"insert","path":"items[1]","value":"sword"}],"reason":"shop:sword"}
            """);

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, ProfileChanges changes)
    {
        var key = addresses.KeyOf(context);
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        if (JsonBody.HasType(context.Request, MergePatch.ContentType))
        {
            var merged = new Mutation { Key = key, Payload = MergePatch.Read(body.RootElement), ExpectedVersion = Preconditions.Expected(context.Request) ?? Mutation.AnyVersion };
            await changes.SubmitAsync(context, merged, ProfileChanges.TermsOf(context.Request, reason: null));
            return;
        }

        var fields = new JsonFields(body.RootElement);
        var mutation = MutationReader.Read(fields, key);
        var reason = fields.Text("reason");
        fields.EndOfFields();
        if (mutation.Kind is not MutationKind.Delta)
            throw new ProblemException(ErrorCodes.InvalidRequest, "PATCH takes operations; for what else there is see the API's other addresses.");
        if (Preconditions.Expected(context.Request) is { } expected)
            mutation.ExpectedVersion = mutation.ExpectedVersion is null or Mutation.AnyVersion ? expected : throw fields.Wrong("expectedVersion", "and If-Match exclude each other");
        await changes.SubmitAsync(context, mutation, ProfileChanges.TermsOf(context.Request, reason));
    }

    /// <param name="Operations">The changes, which are made together.</param>
    /// <param name="ExpectedVersion">The version that the profile has to be at.</param>
    /// <param name="Create">Whether a profile that does not exist is made.</param>
    /// <param name="Template">What a new one starts from, where its kind has no template.</param>
    /// <param name="Reason">Why, for the history and the ledger.</param>
    internal sealed record PatchRequest(OperationRequest[] Operations, long? ExpectedVersion, bool? Create, JsonElement? Template, string? Reason);
}
