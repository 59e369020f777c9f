using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Changing;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol.Messages;
using Mutation = Savepoint.Engine.Units.Mutation;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Profiles.Purchases;

/// <summary>
/// <c>POST /api/v1/profiles/{id}/purchases</c>: grants what was bought and records the purchase in one commit, once for each purchase id, however often and from
/// wherever it is asked for.
/// </summary>
/// <remarks>
/// The record is an increment by the present time that may lead to nothing but that time: it succeeds only where nothing is recorded yet. Like other increments
/// it needs no session and no version, so a purchase of increments goes through while a game server has the profile.
/// </remarks>
internal static class MakePurchase
{
    private const string DefaultRecord = "purchases", DefaultReason = "purchase";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/{id}/purchases", HandleAsync)
        .WithName("MakePurchase").WithSummary("Grants a purchase once")
        .Accepts<PurchaseRequest>("application/json").TakesChangeHeaders()
        .Produces<PurchaseAnswer>()
        .ProducesChangeProblems()
        .WithExample(
            """{"kind":"profile","id":"alice","result":"granted","version":2}""",
            """{"purchaseId":"store-990","operations":[{"op":"increment","path":"currency.gold","by":500}]}""");

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, ProfileChanges changes, EngineRequests engine, TimeProvider time)
    {
        var key = addresses.KeyOf(context);
        Preconditions.RefuseIn(context.Request, instead: null);
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var entry = EntryOf(fields);
        var grant = OperationsReader.Read(fields.RequiredObjects("operations", OperationsReader.Max));
        var create = fields.Flag("create") ?? false;
        var terms = ProfileChanges.TermsOf(context.Request, fields.Text("reason") ?? DefaultReason);
        fields.EndOfFields();
        terms = terms with { Fingerprint = IdempotencyKey.FingerprintOf("purchase", key.Kind, key.Id, entry.ToString(), Convert.ToHexString(grant), terms.Reason!) };

        var delta = new DeltaWriter();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        delta.Increment(entry, now, min: now, max: now);
        delta.Append(grant);
        var mutation = new Mutation { Key = key, Payload = delta.ToArray(), ExpectedVersion = create ? null : Mutation.AnyVersion };
        Mutation[] mutations = [mutation];
        var error = await engine.SubmitAsync(context.GetPrincipal(), mutations, terms, context.RequestAborted);
        if (error is not null && !await IsRecordedAsync(engine, context, error, key, entry))
        {
            await changes.RefuseAsync(context, error, key);
            return;
        }

        await ProfileJson.WriteAsync(context.Response, key, json =>
        {
            json.WriteString("result", error is null ? "granted" : "alreadyGranted");
            json.WriteNumber("version", error is null ? mutations[0].ResultVersion : (long)error.CurrentVersion);
        });
    }

    private static Path EntryOf(JsonFields fields)
    {
        var record = fields.Text("record") ?? DefaultRecord;
        if (!Path.TryParse(record, out var path) || path.IsRoot)
            throw fields.Wrong("record", "is no path such as purchases");
        try
        {
            return path.Child(fields.RequiredText("purchaseId"));
        }
        catch (DocumentException exception)
        {
            throw JsonFields.Refused(exception, "purchaseId");
        }
    }

    /// <summary>
    /// Whether the record is what stood in the way. Only what is there already leads out of the bounds. What a game has recorded itself, such as a timestamp, can't be
    /// added to: but neither can something be where there is no map. And of a kind with properties that are less than durable the refusal names no path. So then it is looked at.
    /// </summary>
    private static async Task<bool> IsRecordedAsync(EngineRequests engine, HttpContext context, Error error, EntityKey key, Path entry)
    {
        var isOutOfBounds = error.Code == DocumentError.OutOfBounds.Code();
        if (!isOutOfBounds && error.Code != DocumentError.WrongType.Code())
            return false;
        if (error.Path.Length > 0 && error.Path != entry.ToString())
            return false;
        if (error.Path.Length > 0 && isOutOfBounds)
            return true;
        var (snapshot, refused) = await engine.ReadAsync(context.GetPrincipal(), key, version: 0, context.RequestAborted);
        return refused is null && snapshot.Document is { } document && ProfileJson.Decode(document).TryGet(entry, out _);
    }

    /// <param name="PurchaseId">What the purchase is called: it is granted once.</param>
    /// <param name="Operations">What was bought.</param>
    /// <param name="Record">The map that purchases are recorded in; <c>purchases</c> where it is not there.</param>
    /// <param name="Create">Whether a profile that does not exist is made.</param>
    /// <param name="Reason">Why, for the history and the ledger; <c>purchase</c> where it is not there.</param>
    internal sealed record PurchaseRequest(string PurchaseId, OperationRequest[] Operations, string? Record, bool? Create, string? Reason);

    /// <param name="Kind">The profile's kind.</param>
    /// <param name="Id">The profile's id.</param>
    /// <param name="Result"><c>granted</c> now, or <c>alreadyGranted</c> before.</param>
    /// <param name="Version">The version that granted it; where it was granted before, the profile's present one.</param>
    internal sealed record PurchaseAnswer(string Kind, string Id, string Result, long Version);
}
