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
/// The baseline of <c>rest</c>: what Kestrel takes to route the same requests, read the same JSON and write a character of the same fields, with nothing behind it: no
/// token is looked at, nothing is worked out or kept.
/// </summary>
internal static partial class BareEndpoint
{
    /// <param name="answer">An answer of the server's, as JSON.</param>
    public static async Task<int> RunAsync(string answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, Json.Default));
        var app = builder.Build();
        var character = JsonSerializer.Deserialize(answer, Json.Default.Character)!;
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
            return Results.Json(character with { Version = now }, Json.Default.Character);
        }
    }

    internal sealed record Change(long Delta);

    internal sealed record Character(
        Guid Id, string Name, string Race, string? Subrace, string Class, int Level, int Hitpoints, int MaximumHitpoints, int ArmorClass, int SpeedFeet, int Initiative,
        int ProficiencyBonus, bool StealthDisadvantage, bool LacksArmorTraining, Abilities Abilities, Abilities AbilityModifiers, Abilities SavingThrows, Equipment Equipment,
        JsonElement Attacks, Coins Currency, long Version);

    internal sealed record Abilities(int Strength, int Dexterity, int Constitution, int Intelligence, int Wisdom, int Charisma);

    internal sealed record Equipment(string? Armor, string? MainHand, string? OffHand, string? Shield);

    internal sealed record Coins(long Cp, long Sp, long Ep, long Gp, long Pp);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Change))]
    [JsonSerializable(typeof(Character))]
    private sealed partial class Json : JsonSerializerContext;
}
