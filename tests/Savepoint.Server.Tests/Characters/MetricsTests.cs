using Savepoint.Server.Tests.Profiles;

namespace Savepoint.Server.Tests.Characters;

/// <summary>Meters are of the whole process.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class MetricsTests
{
    [Fact]
    public async Task What_intents_came_to_is_counted_by_their_names()
    {
        await using var server = await ProfileApi.StartAsync("--dev");
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        var path = await CharacterServer.CreateAsync(player);
        await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-14}""");
        await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-14,"version":1}""");
        await player.PatchAsync($"{path}/currency/modify", """{"gp":-14}""");
        await player.DeleteAsync(path, ("If-Match", "\"2\""));
        var metrics = await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        foreach (var (intent, outcome) in new[] { ("create", "ok"), ("stats.hitpoints", "ok"), ("stats.hitpoints", "version.mismatch"), ("currency.modify", "NOT_ENOUGH_CURRENCY"), ("delete", "ok") })
            metrics.ShouldContain($$"""savepoint_characters_intents_total{intent="{{intent}}",outcome="{{outcome}}"} 1""");
    }
}
