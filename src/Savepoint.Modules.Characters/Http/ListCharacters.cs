using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Engine.Watching;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.Access;
using Savepoint.Modules.Characters.State;
using Savepoint.Protocol;
using EntityKey = Savepoint.Engine.EntityKey;

namespace Savepoint.Modules.Characters.Http;

/// <summary><c>GET /api/v1/characters</c>: a user's characters, page by page in the order of their folded names. One that can't be read until it is mended is named with the reason, and hides none of the others.</summary>
internal static class ListCharacters
{
    private const int MaxLimit = 100, DefaultLimit = 20;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("", (Delegate)HandleAsync)
        .WithName("ListCharacters").WithSummary("Lists a user's characters")
        .TakesQuery("limit", "The most of a page, 1 to 100. The default is 20.", "20", isNumber: true).TakesQuery("cursor", "`next` of the page before.")
        .Produces<CharactersAnswer>()
        .ProducesReads()
        .WithExample($$"""{"characters":[{{ProducedAnswers.Character}}],"next":null}""");

    private static async Task HandleAsync(HttpContext context, EngineRequests engine, CharacterJson characters)
    {
        var principal = context.GetPrincipal();
        var user = CharacterAddress.UserOf(context, principal);
        var (limit, after) = (context.Request.Query.Limit(MaxLimit, DefaultLimit), context.Request.Query.Text("cursor"));
        var (roster, error) = await engine.ReadAsync(principal, Roster.KeyOf(user), version: 0, context.RequestAborted);
        if (error is not null)
        {
            await Problem.WriteAsync(context, error);
            return;
        }

        var (keys, next) = Page(roster.Document, user, after, limit);
        var readings = Array.ConvertAll(keys, key => engine.ReadAsync(principal, key, version: 0, context.RequestAborted));
        var found = new List<EntitySnapshot>(keys.Length);
        var unreadable = new List<(EntityKey Key, string Code)>();
        foreach (var (key, (snapshot, unread)) in keys.Zip(await Task.WhenAll(readings)))
        {
            if (unread is { Code: ErrorCodes.Quarantined or ErrorCodes.HookFailed })
            {
                unreadable.Add((key, unread.Code));
                continue;
            }

            if (unread is not null)
            {
                await Problem.WriteAsync(context, unread);
                return;
            }

            // One that was deleted since the roster was read is no longer there.
            if (snapshot.Document is not null)
                found.Add(snapshot);
        }

        context.Response.Headers.CacheControl = "no-store";
        CharacterJson.Answer(context.Response, "application/json; charset=utf-8", (characters, found, unreadable, next), static (json, of) => Write(json, of.characters, of.found, of.unreadable, of.next));
    }

    private static (EntityKey[] Keys, string? Next) Page(byte[]? roster, string user, string? after, int limit)
    {
        if (roster is null)
            return ([], null);
        var keys = new List<EntityKey>();
        string? last = null;
        foreach (var (name, id) in Roster.CharactersIn(CharacterDocument.Decode(roster)))
        {
            if (after is not null && string.CompareOrdinal(name, after) <= 0)
                continue;
            if (keys.Count == limit)
                return ([.. keys], last);
            keys.Add(CharacterId.KeyOf(user, Guid.Parse(id.AsString())));
            last = name;
        }

        return ([.. keys], null);
    }

    private static void Write(Utf8JsonWriter json, CharacterJson characters, List<EntitySnapshot> found, List<(EntityKey Key, string Code)> unreadable, string? next)
    {
        json.WriteStartObject();
        json.WriteStartArray("characters"u8);
        foreach (var character in found)
            characters.Write(json, character.Key, character.Version, CharacterDocument.Decode(character.Document!));
        json.WriteEndArray();
        if (unreadable.Count > 0)
            WriteUnreadable(json, unreadable);
        json.WriteString("next"u8, next);
        json.WriteEndObject();
    }

    private static void WriteUnreadable(Utf8JsonWriter json, List<(EntityKey Key, string Code)> unreadable)
    {
        json.WriteStartArray("unreadable"u8);
        foreach (var (key, code) in unreadable)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, CharacterId.IdOf(key));
            json.WriteString("code"u8, code);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
