using System.Text.Json.Nodes;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;

namespace Savepoint.Modules.DataRights.Bulk;

/// <summary>Bulk edits under <c>/api/v1/bulk</c> (docs/how-to/bulk-edits.md).</summary>
internal static class BulkEndpoints
{
    private const int MaxItems = 1_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var bulk = routes.MapGroup("/bulk").RequirePrincipal(PrincipalRole.Admin, PrincipalRole.Service);
        bulk.MapPost("", StartAsync).WithName("StartBulk").WithSummary("Starts a bulk edit")
            .WithDescription("Changes all entities of a kind that meet the conditions, each exactly once, over crashes and moves of shards.")
            .Accepts<BulkRequest>("application/json")
            .Produces<BulkStartedAnswer>(StatusCodes.Status201Created)
            .ProducesEngineChanges()
            .WithExample(
                """{"id":"2f1b8a3c9d5e4f60a1b2c3d4e5f60718"}""",
                """{"kind":"profile","where":[{"path":"level","op":">=","value":10}],"operations":[{"op":"increment","path":"currency.gold","by":100}],"reason":"season:2"}""",
                StatusCodes.Status201Created);
        bulk.MapGet("", ListAsync).WithName("ListBulk").WithSummary("Lists bulk edits").WithDescription("All that there are, also those that are over.")
            .Produces<BulkListAnswer>()
            .ProducesEngineReads()
            .WithExample("""{"jobs":[{"id":"2f1b8a3c9d5e4f60a1b2c3d4e5f60718","state":"running"}]}""");
        bulk.MapGet("/{job}", FindAsync).WithName("GetBulk").WithSummary("Says how a bulk edit stands").WithDescription("What it does, and how far it has come.")
            .WithRouteExample("job", Example, "The bulk edit's id.")
            .Produces<BulkAnswer>()
            .ProducesEngineReads().ProducesProblems(ErrorCodes.NotFound)
            .WithExample("""
                {"id":"2f1b8a3c9d5e4f60a1b2c3d4e5f60718","kind":"profile","state":"running","by":"admin:kim","reason":"season:2","startedAt":"2026-01-31T12:00:00+00:00","changed":5120,
                "messaged":3,"refused":1,"shardsDone":12,"errors":[{"id":"bob","code":"document.wrong_type"}]}
                """);
        Map(bulk, "pause", "Pauses a bulk edit", "It changes nothing more until it is resumed.", BulkState.Paused);
        Map(bulk, "resume", "Resumes a bulk edit", "It goes on where it was paused.", BulkState.Running);
        Map(bulk, "cancel", "Gives up a bulk edit", "What it has changed stays changed; it can't be resumed.", BulkState.Cancelled);
    }

    private const string Example = "2f1b8a3c9d5e4f60a1b2c3d4e5f60718";

    private static void Map(IEndpointRouteBuilder bulk, string action, string summary, string description, BulkState state) =>
        bulk.MapPost("/{job}/" + action, (HttpContext context, BulkEdits edits) => SetAsync(context, edits, state))
            .WithName(string.Concat(action[..1].ToUpperInvariant(), action.AsSpan(1)) + "Bulk").WithSummary(summary).WithDescription(description)
            .WithRouteExample("job", Example, "The bulk edit's id.")
            .TakesQuery("reason", "Why, for the audit log.", "season:2")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesEngineChanges().ProducesProblems(ErrorCodes.NotFound);

    private static Task StartAsync(HttpContext context, BulkEdits edits, IAuthorizer authorizer) => Requests.GuardAsync(context, async () =>
    {
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var job = Read(new JsonFields(body.RootElement));
        if (authorizer.Submit(context.GetPrincipal(), job.MutationOf(new EntityKey(job.Kind, "*"), 0)) is { } denial)
            throw new ProblemException(Streams.Errors.RequestErrors.From(denial, new EntityKey(job.Kind, "*")));
        try
        {
            var id = await edits.StartAsync(job, Requests.By(context, job.Reason), context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status201Created;
            await Requests.AnswerAsync(context, new JsonObject { ["id"] = id });
        }
        catch (ArgumentException fault)
        {
            throw new ProblemException(ErrorCodes.InvalidRequest, fault.Message);
        }
    });

    private static Task ListAsync(HttpContext context, BulkEdits edits) => Requests.GuardAsync(context, async () =>
    {
        var jobs = await edits.ListAsync(context.RequestAborted);
        await Requests.AnswerAsync(context, new JsonObject
        {
            ["jobs"] = new JsonArray([.. jobs.Select(job => new JsonObject { ["id"] = job.Id, ["state"] = Name(job.State) })]),
        });
    });

    private static Task FindAsync(HttpContext context, BulkEdits edits) => Requests.GuardAsync(context, async () =>
    {
        if (await edits.FindAsync(JobOf(context), context.RequestAborted) is not { } progress)
            throw NotFound();
        await Requests.AnswerAsync(context, new JsonObject
        {
            ["id"] = progress.Id,
            ["kind"] = progress.Job.Kind,
            ["state"] = Name(progress.State),
            ["by"] = progress.Job.Actor,
            ["reason"] = progress.Job.Reason,
            ["startedAt"] = progress.StartedAt,
            ["changed"] = progress.Changed,
            ["messaged"] = progress.Messaged,
            ["refused"] = progress.Refused,
            ["shardsDone"] = progress.ShardsDone,
            ["errors"] = new JsonArray([.. progress.Errors.Select(error => new JsonObject { ["id"] = error.Id, ["code"] = error.Code })]),
        });
    });

    private static Task SetAsync(HttpContext context, BulkEdits edits, BulkState state) => Requests.GuardAsync(context, async () =>
    {
        if (!await edits.SetStateAsync(JobOf(context), state, Requests.By(context, Requests.Text(context, "reason")), context.RequestAborted))
            throw NotFound();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    });

    private static BulkJob Read(JsonFields fields)
    {
        var job = new BulkJob(fields.RequiredText("kind"))
        {
            Conditions = [.. (fields.Objects("where", MaxItems) ?? Enumerable.Empty<JsonObjectItem>()).Select(static item => ReadCondition(item.Read()))],
            Delta = fields.Objects("operations", MaxItems) is { } operations ? ReadDelta(operations) : default,
            Intent = fields.Text("intent"),
            Arguments = fields.Document("arguments"),
            Message = fields.Document("message"),
            Reason = fields.Text("reason"),
            PerSecond = (int)Math.Min(fields.Count("perSecond") ?? 100, int.MaxValue),
        };
        fields.EndOfFields();
        return job.Delta.IsEmpty == job.Intent is null ? throw JsonFields.Invalid("", "has either operations or an intent") : job;
    }

    private static BulkCondition ReadCondition(JsonFields fields)
    {
        var condition = new BulkCondition(fields.RequiredPath("path").ToString(), fields.RequiredText("op"), fields.Value("value"));
        fields.EndOfFields();
        return condition;
    }

    private static byte[] ReadDelta(JsonObjects operations)
    {
        var delta = new DeltaWriter();
        foreach (var item in operations)
        {
            var operation = item.Read();
            var path = operation.RequiredPath("path");
            switch (operation.RequiredText("op"))
            {
                case "set":
                    delta.Set(path, operation.RequiredValue("value"));
                    break;
                case "remove":
                    delta.Remove(path);
                    break;
                case "increment":
                    Increment(delta, path, operation);
                    break;
                default:
                    throw operation.Wrong("op", "is one of set, remove, increment");
            }

            operation.EndOfFields();
        }

        return delta.ToArray();
    }

    private static void Increment(DeltaWriter delta, Documents.Path path, JsonFields operation)
    {
        var amount = operation.RequiredValue("by");
        if (amount.Kind == ValueKind.Int64)
            delta.Increment(path, amount.AsInt64());
        else if (amount.Kind == ValueKind.Double)
            delta.Increment(path, amount.AsDouble());
        else
            throw operation.Wrong("by", "is a number");
    }

    private static string JobOf(HttpContext context) => (string)context.Request.RouteValues["job"]!;

    private static string Name(BulkState state) => state.ToString().ToLowerInvariant();

    private static ProblemException NotFound() => new(ErrorCodes.NotFound, "There is no such bulk edit, or it is over.");
}
