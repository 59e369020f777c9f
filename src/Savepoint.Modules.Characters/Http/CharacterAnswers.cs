using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.State;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Characters.Http;

/// <summary>Answers requests about one character: with the whole of it, or with why not.</summary>
/// <param name="engine">Reads what an answer takes and is not there yet.</param>
/// <param name="json">Writes characters.</param>
internal sealed class CharacterAnswers(EngineRequests engine, CharacterJson json)
{
    /// <summary>
    /// What there is to say of a change beside itself. Players have no reasons of their own, what they have done is one: so another header on the repetition of a request
    /// makes no other request of it.
    /// </summary>
    public static UnitTerms TermsOf(HttpContext context, string intent) =>
        ChangeHeaders.TermsOf(context.Request, context.GetPrincipal().Role == PrincipalRole.Player ? intent : ChangeHeaders.ReasonIn(context.Request) ?? intent);

    /// <summary>Answers with the character as a change has left it; of one that was made before, as it is now.</summary>
    public Task ChangedAsync(HttpContext context, in Mutation change)
    {
        if (change.ResultDocument is not { } document)
            return PresentAsync(context, change.Key);
        json.Answer(context.Response, change.Key, change.ResultVersion, document);
        return Task.CompletedTask;
    }

    /// <summary>Answers with the character as it is.</summary>
    /// <param name="context">The request.</param>
    /// <param name="key">The character.</param>
    /// <param name="known">The version that the caller has already, as <see cref="VersionHeaders.Known"/> has it; 0 for none.</param>
    public async Task PresentAsync(HttpContext context, EntityKey key, long known = 0)
    {
        var (snapshot, error) = await engine.ReadNewerAsync(context.GetPrincipal(), key, known == VersionHeaders.OneOfSeveral ? 0 : known, CancellationToken.None);
        if (error is not null)
        {
            await RefusedAsync(context, error, key);
            return;
        }

        // What somebody may see is nobody else's to keep.
        var response = context.Response;
        response.Headers.CacheControl = "private, no-cache";
        response.Headers.Vary = "Authorization";
        if (snapshot.IsKnown || (known == VersionHeaders.OneOfSeveral && snapshot.Document is not null && VersionHeaders.IsKnown(context.Request, snapshot.Version)))
        {
            response.Headers.ETag = EntityTag.Of(snapshot.Version);
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        json.Answer(response, key, snapshot.Version, DocumentOf(snapshot));
    }

    /// <summary>Answers with a refusal: of the rules as they say, for a version that is not the present one with the present character, else as everywhere.</summary>
    /// <param name="context">The request.</param>
    /// <param name="error">The refusal.</param>
    /// <param name="key">The character.</param>
    /// <param name="named">The refusals that an intent names, a game's own among them; null for none.</param>
    public Task RefusedAsync(HttpContext context, Error error, EntityKey key, IReadOnlyList<RuleError>? named = null)
    {
        if (error.Code == ErrorCodes.VersionMismatch)
            return MismatchedAsync(context, error, key);
        if (error.Code == ErrorCodes.NotFound)
            throw CharacterErrors.ProblemOf(CharacterErrors.CharacterNotFound);
        if (RuleOf(error.Code, named) is not { } rule)
            return Problem.WriteAsync(context, error);
        var problem = CharacterErrors.ProblemOf(rule, error);
        return Problem.WriteAsync(context, problem.Error, problem.Status);
    }

    private static RuleError? RuleOf(string code, IReadOnlyList<RuleError>? named)
    {
        for (var i = 0; i < named?.Count; i++)
        {
            if (named[i].Code == code)
                return named[i];
        }

        return CharacterErrors.Find(code);
    }

    /// <summary>
    /// The answer to a version that is not the present one: <c>error</c> and <c>character</c>, so that the client can decide again at once, and the members of a
    /// problem. Who sent the expectation as a header gets the status that belongs to it.
    /// </summary>
    private async Task MismatchedAsync(HttpContext context, Error error, EntityKey key)
    {
        var (snapshot, unread) = await engine.ReadAsync(context.GetPrincipal(), key, version: 0, context.RequestAborted);
        if (unread is not null)
        {
            await Problem.WriteAsync(context, unread);
            return;
        }

        var document = DocumentOf(snapshot);
        var status = VersionHeaders.HasExpected(context.Request) ? StatusCodes.Status412PreconditionFailed : StatusCodes.Status409Conflict;
        var tellsExpected = VersionHeaders.TellsExpected(context.Request, error.ExpectedVersion);
        context.Response.StatusCode = status;
        context.Response.Headers.ETag = EntityTag.Of(snapshot.Version);
        CharacterJson.Answer(context.Response, Problem.ContentType, (json, key, snapshot.Version, document, status, error, tellsExpected), static (writer, of) =>
        {
            writer.WriteStartObject();
            writer.WriteString("error"u8, "Version mismatch. Please refresh."u8);
            writer.WritePropertyName("character"u8);
            of.json.Write(writer, of.key, of.Version, of.document);
            writer.WriteString("type"u8, "urn:savepoint:" + of.error.Code);
            writer.WriteNumber("status"u8, of.status);
            writer.WriteString("code"u8, of.error.Code);
            writer.WriteString("detail"u8, "The character is not at the expected version.");
            if (of.tellsExpected)
                writer.WriteNumber("expectedVersion"u8, of.error.ExpectedVersion);
            writer.WriteNumber("currentVersion"u8, of.Version);
            writer.WriteEndObject();
        });
    }

    private static Document DocumentOf(in EntitySnapshot snapshot) =>
        CharacterDocument.Decode(snapshot.Document ?? throw CharacterErrors.ProblemOf(CharacterErrors.CharacterNotFound));
}
