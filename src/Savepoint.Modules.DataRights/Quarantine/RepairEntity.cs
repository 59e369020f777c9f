using System.Globalization;
using System.Text.Json.Nodes;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.DataRights;

/// <summary><c>POST /api/v1/quarantine/{kind}/{id}/repair</c>: puts a version, a document or nothing in the place of what can't be read.</summary>
internal static class RepairEntity
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/quarantine/{kind}/{id}/repair", HandleAsync)
        .RequirePrincipal(PrincipalRole.Admin)
        .WithName("RepairEntity").WithSummary("Repairs an entity that can't be read")
        .WithRouteExample("kind", "profile", "The entity's kind.").WithRouteExample("id", "alice", "The entity's id, percent-encoded.")
        .Accepts<RepairRequest>("application/json").TakesIdempotencyKey()
        .Produces<RepairAnswer>()
        .ProducesEngineChanges().ProducesProblems(
            ErrorCodes.UnknownKind, ErrorCodes.NotFound, ErrorCodes.VersionNotFound, ErrorCodes.VersionMismatch, ErrorCodes.RequestReused, ErrorCodes.RequestForgotten)
        .WithExample("""{"kind":"profile","id":"alice","version":8}""", """{"newest":true,"reason":"support:4711"}""");

    private static Task HandleAsync(HttpContext context, UserDataRights rights) => Requests.GuardAsync(context, async () =>
    {
        var key = new EntityKey((string)context.Request.RouteValues["kind"]!, Requests.UserOf(context));
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var how = Read(fields);
        var reason = fields.RequiredText("reason");
        fields.EndOfFields();
        (Guid, ulong)? request = IdempotencyKey.Read(context.Request) is { } name
            ? (IdempotencyKey.WriterOf(context.GetPrincipal(), name), FingerprintOf(key, how, reason))
            : null;
        var version = await rights.Repair.RepairAsync(key, how, Requests.By(context, reason), request);
        await Requests.AnswerAsync(context, new JsonObject { ["kind"] = key.Kind, ["id"] = key.Id, ["version"] = version });
    });

    private static RepairBy Read(JsonFields fields)
    {
        var expected = fields.Count("expectedVersion");
        var found = new List<RepairBy>();
        if (fields.Flag("newest") == true)
            found.Add(RepairBy.Newest(expected));
        if (fields.Count("version") is { } version)
            found.Add(version is > 0 and < long.MaxValue ? RepairBy.Version(version, expected) : throw Requests.Wrong("version", "counts from 1"));
        if (fields.Value("document") is { Kind: ValueKind.Map } document)
            found.Add(RepairBy.Document(new Document(document.AsMap()), expected));
        if (fields.Flag("remove") == true)
            found.Add(RepairBy.Removal(expected));
        return found is [var one] ? one : throw Requests.Wrong("version", "or one of 'newest', 'document' and 'remove' has to be given, and only one");
    }

    private static ulong FingerprintOf(EntityKey key, RepairBy how, string reason) => IdempotencyKey.FingerprintOf(
        "repair", key.Kind, key.Id, reason, how.Name,
        how.Mutation.RestoredVersion.ToString(CultureInfo.InvariantCulture),
        (how.Mutation.ExpectedVersion ?? -1).ToString(CultureInfo.InvariantCulture),
        Convert.ToHexString(how.Mutation.Payload.Span));

    /// <param name="Newest">To bring back its newest version.</param>
    /// <param name="Version">The version to bring back.</param>
    /// <param name="Document">The document to put in its place.</param>
    /// <param name="Remove">To remove it.</param>
    /// <param name="ExpectedVersion">Its newest version, which it has to be at; null for any.</param>
    /// <param name="Reason">Why, for the audit log and the history.</param>
    internal sealed record RepairRequest(bool? Newest, long? Version, JsonObject? Document, bool? Remove, long? ExpectedVersion, string Reason);
}
