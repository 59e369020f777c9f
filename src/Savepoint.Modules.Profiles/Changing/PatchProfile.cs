using Savepoint.Engine.Units;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol;

namespace Savepoint.Modules.Profiles.Changing;

/// <summary><c>PATCH /api/v1/profiles/{id}</c>: changes a profile by operations, or by a JSON merge patch.</summary>
internal static class PatchProfile
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPatch("", HandleAsync)
        .WithName("PatchProfile").WithSummary("Changes a profile")
        .Accepts<object>("application/json", MergePatch.ContentType)
        .Produces<ChangeAnswer>()
        .ProducesChangeProblems();

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
}
