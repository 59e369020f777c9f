using System.Text.Json.Nodes;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.DataRights;

/// <summary><c>POST /api/v1/users/{id}/erase</c>: erases everything that is kept of a user. It goes on when the caller leaves.</summary>
internal static class EraseUser
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/erase", HandleAsync)
        .RequirePrincipal(PrincipalRole.Admin)
        .WithName("EraseUser").WithSummary("Erases everything that is kept of a user")
        .Accepts<EraseRequest>("application/json")
        .Produces<ErasureAnswer>()
        .ProducesEngineChanges()
        .WithExample(
            """{"user":"alice","complete":true,"erased":[{"kind":"profile","id":"alice"}],"untagged":[],"unreadable":[]}""",
            """{"reason":"support:4711"}""");

    private static Task HandleAsync(HttpContext context, UserDataRights rights) => Requests.GuardAsync(context, async () =>
    {
        var user = Requests.UserOf(context);
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var by = Requests.By(context, fields.RequiredText("reason"));
        fields.EndOfFields();
        var result = await rights.Erasure.EraseAsync(user, by, CancellationToken.None);
        await Requests.AnswerAsync(context, new JsonObject
        {
            ["user"] = user,
            ["complete"] = result.IsComplete,
            ["erased"] = Requests.Keys(result.Erased),
            ["untagged"] = Requests.Keys(result.Untagged),
            ["unreadable"] = Requests.Keys(result.Unreadable),
        });
    });

    /// <param name="Reason">Why, for the audit log.</param>
    internal sealed record EraseRequest(string Reason);
}
