using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Savepoint.Bench.Rest;

/// <summary>
/// The baseline of <c>rest</c>: what Kestrel takes to route the same requests, read the same JSON and answer with as many bytes of JSON, with nothing behind it: no
/// token is looked at, nothing is kept.
/// </summary>
internal static partial class BareEndpoint
{
    public static async Task<int> RunAsync(int answerBytes)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, Json.Default));
        var app = builder.Build();
        var padding = new string('x', Math.Max(0, answerBytes - JsonSerializer.Serialize(new Answer(0, 0, ""), Json.Default.Answer).Length));
        var version = 0L;
        app.MapPatch("/api/v1/characters/{id}/stats/hitpoints", (Change change, HttpContext context) => Send(context, change.Delta));
        app.MapGet("/api/v1/characters/{id}", (HttpContext context) => Send(context, 0));
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadLineAsync();
        return 0;

        IResult Send(HttpContext context, long delta)
        {
            var now = Interlocked.Add(ref version, delta);
            context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{now}\"");
            return Results.Json(new Answer(now, delta, padding), Json.Default.Answer);
        }
    }

    internal sealed record Change(long Delta);

    internal sealed record Answer(long Version, long HitPoints, string Rest);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Change))]
    [JsonSerializable(typeof(Answer))]
    private sealed partial class Json : JsonSerializerContext;
}
