using Savepoint.Documents;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;
using Savepoint.Modules.Profiles.Json;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Profiles.Reading;

/// <summary>
/// <c>GET /api/v1/profiles/{id}</c>: the profile as it is, or as it was (<c>?version=7</c>), or a part of it (<c>?path=currency.gold</c>), as far as the caller may
/// see it.
/// </summary>
internal static class GetProfile
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/{id}", HandleAsync)
        .WithName("GetProfile").WithSummary("Reads a profile, now or at an older version")
        .TakesQuery("version", "An older version, as far as it is kept; not for players.", isNumber: true)
        .TakesQuery("path", "A part of the document: the answer has `path` and `value` in place of `document`.", "currency.gold")
        .TakesHeader("If-None-Match", "The version that the caller has already: 304 where it is the present one.")
        .Produces<ProfileAnswer>().Produces(StatusCodes.Status304NotModified).GivesEntityTag()
        .ProducesReadProblems().ProducesProblems(ErrorCodes.VersionNotFound)
        .ProducesProblemsAs(StatusCodes.Status404NotFound, DocumentError.PathNotFound.Code())
        .WithExample("""{"kind":"profile","id":"alice","version":1,"document":{"currency":{"gold":100},"items":["torch"],"name":"Ada"}}""");

    private static async Task HandleAsync(HttpContext context, ProfileAddresses addresses, EngineRequests engine)
    {
        var key = addresses.KeyOf(context);
        var version = context.Request.Query.Count("version") ?? 0;
        var path = PathOf(context.Request.Query.Text("path"));
        var (snapshot, error) = await engine.ReadAsync(context.GetPrincipal(), key, version, context.RequestAborted);
        if (error is null && snapshot.Document is null)
            error = new Error { Code = ErrorCodes.NotFound, Message = "The entity does not exist.", Kind = key.Kind, Id = key.Id, CurrentVersion = (ulong)snapshot.Version };
        if (error is not null)
        {
            await Problem.WriteAsync(context, error);
            return;
        }

        // What somebody may see is nobody else's to keep.
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers.Vary = "Authorization";

        // Deferred and transient properties change without a version, which so says too little to be a tag.
        if (version != 0 || addresses.KindOf(key).Durability.Count == 0)
        {
            context.Response.Headers.ETag = EntityTag.Of(snapshot.Version);
            if (VersionHeaders.IsKnown(context.Request, snapshot.Version))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        await WriteAsync(context, key, snapshot.Version, ProfileJson.Decode(snapshot.Document!), path);
    }

    private static Task WriteAsync(HttpContext context, Engine.EntityKey key, long version, Document document, Path? path)
    {
        if (path is null)
        {
            return ProfileJson.WriteAsync(context.Response, key, json =>
            {
                json.WriteNumber("version", version);
                json.WriteDocument("document", document);
            });
        }

        if (!document.TryGet(path, out var value))
        {
            var error = new Error { Code = DocumentError.PathNotFound.Code(), Message = "There is nothing at the path.", Kind = key.Kind, Id = key.Id, Path = path.ToString(), CurrentVersion = (ulong)version };
            return Problem.WriteAsync(context, error, StatusCodes.Status404NotFound);
        }

        return ProfileJson.WriteAsync(context.Response, key, json =>
        {
            json.WriteNumber("version", version);
            json.WriteString("path", path.ToString());
            json.WritePropertyName("value");
            DocumentJson.Write(json, value);
        });
    }

    private static Path? PathOf(string? text) => text is null ? null
        : Path.TryParse(text, out var path) ? path
        : throw QueryValues.Wrong("path", "is no path such as currency.gold");
}
