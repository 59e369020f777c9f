using System.Text.Json;
using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Changing;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol;

namespace Savepoint.Modules.Profiles.Messages;

/// <summary>
/// <c>POST /api/v1/profiles/{id}/messages</c>: leaves a message for whoever holds the profile's session, now or next. It is processed exactly once.
/// </summary>
internal static class SendMessage
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/{id}/messages", HandleAsync)
        .WithName("SendMessage").WithSummary("Leaves a message for a profile")
        .Accepts<MessageRequest>("application/json").TakesChangeHeaders()
        .Produces<MessageAnswer>(StatusCodes.Status202Accepted)
        .ProducesChangeProblems().ProducesProblems(ErrorCodes.TooManyMessages)
        .WithExample("""{"kind":"profile","id":"alice","message":1}""", """{"message":{"gift":"potion","from":"bob"}}""", StatusCodes.Status202Accepted);

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, ProfileChanges changes)
    {
        var key = addresses.KeyOf(context);
        Preconditions.RefuseIn(context.Request, instead: null);
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var message = fields.Document("message") ?? throw fields.Wrong("message", "is missing");
        var reason = fields.Text("reason");
        fields.EndOfFields();
        var mutation = new Mutation { Key = key, Kind = MutationKind.Message, Payload = message.ToBytes() };
        await changes.SubmitAsync(
            context, mutation, ProfileChanges.TermsOf(context.Request, reason), static (json, number) => json.WriteNumber("message", number), StatusCodes.Status202Accepted);
    }

    /// <param name="Message">The message: a document.</param>
    /// <param name="Reason">Why, for the history.</param>
    internal sealed record MessageRequest(JsonElement Message, string? Reason);

    /// <param name="Kind">The profile's kind.</param>
    /// <param name="Id">The profile's id.</param>
    /// <param name="Message">The message's number.</param>
    internal sealed record MessageAnswer(string Kind, string Id, long Message);
}
