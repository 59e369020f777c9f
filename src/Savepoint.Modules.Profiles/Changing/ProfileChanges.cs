using System.Text.Json;
using System.Text.Json.Nodes;
using Savepoint.Documents;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Profiles.Changing;

/// <summary>Submits changes of profiles, and answers with what became of them.</summary>
/// <param name="engine">Takes them.</param>
public sealed class ProfileChanges(EngineRequests engine)
{
    /// <summary>What there is to say of a request's unit; also from where it comes, since rollbacks are for the audit log.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reason">The reason that the body gives; null for none.</param>
    internal static UnitTerms TermsOf(HttpRequest request, string? reason) =>
        ChangeHeaders.TermsOf(request, reason, request.HttpContext.Connection.RemoteIpAddress?.ToString());

    /// <summary>Submits one mutation and answers the request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="mutation">The mutation.</param>
    /// <param name="terms">What else there is to say of it.</param>
    /// <param name="answer">Writes what is to be told of a success beside the profile; null for its new version.</param>
    /// <param name="status">The status of a success.</param>
    internal async Task SubmitAsync(
        HttpContext context, Mutation mutation, UnitTerms terms, Action<Utf8JsonWriter, long>? answer = null, int status = StatusCodes.Status200OK)
    {
        Mutation[] mutations = [mutation];
        if (await engine.SubmitAsync(context.Request, context.GetPrincipal(), mutations, terms, context.RequestAborted) is { } error)
        {
            await RefuseAsync(context, error, mutation.Key);
            return;
        }

        await AnswerAsync(context, mutations[0], answer, status);
    }

    /// <summary>Answers with what a mutation has done.</summary>
    /// <param name="context">The request.</param>
    /// <param name="mutation">The mutation, with its result.</param>
    /// <param name="answer">Writes what is to be told beside the profile; null for its new version.</param>
    /// <param name="status">The status.</param>
    internal static Task AnswerAsync(HttpContext context, Mutation mutation, Action<Utf8JsonWriter, long>? answer = null, int status = StatusCodes.Status200OK)
    {
        var version = mutation.ResultVersion;
        context.Response.StatusCode = status;
        if (mutation.Kind is not MutationKind.Message)
            context.Response.Headers.ETag = EntityTag.Of(version);
        return ProfileJson.WriteAsync(context.Response, mutation.Key, json =>
        {
            if (answer is null)
                json.WriteNumber("version", version);
            else
                answer(json, version);
        });
    }

    /// <summary>Answers with a refusal. One for its version brings the present profile, so that the caller can decide again at once.</summary>
    internal async Task RefuseAsync(HttpContext context, Error error, Engine.EntityKey key)
    {
        if (error.Code != ErrorCodes.VersionMismatch)
        {
            await Problem.WriteAsync(context, error);
            return;
        }

        // Who sent the expectation as a header gets the status that belongs to it.
        int? status = Preconditions.Expected(context.Request) is null ? null : StatusCodes.Status412PreconditionFailed;
        var current = await CurrentAsync(context, key);
        await Problem.WriteAsync(context, error, status, body =>
        {
            if (!VersionHeaders.TellsExpected(context.Request, error.ExpectedVersion))
                body.Remove("expectedVersion");
            if (current is not null)
                body["current"] = current;
        });
    }

    private async Task<JsonObject?> CurrentAsync(HttpContext context, Engine.EntityKey key)
    {
        var (snapshot, error) = await engine.ReadAsync(context.GetPrincipal(), key, version: 0, context.RequestAborted);
        if (error is not null || snapshot.Document is null)
            return null;
        return new JsonObject { ["version"] = snapshot.Version, ["document"] = JsonNode.Parse(DocumentJson.ToUtf8(ProfileJson.Decode(snapshot.Document))) };
    }
}
