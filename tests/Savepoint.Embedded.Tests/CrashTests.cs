using System.Text.Json;
using Savepoint.Engine.Storage;

namespace Savepoint.Embedded.Tests;

/// <summary>P23: a game server with everything in its own process, killed under load.</summary>
public sealed class CrashTests
{
    private const int Rounds = 6;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_that_was_acknowledged_is_there_after_the_game_server_was_killed_again_and_again()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var folder = new DataFolder();
        var saves = new List<Saved>();
        for (var round = 0; round < Rounds; round++)
        {
            using var game = GameProcess.Start(folder.Path);
            // Not a wait for something to happen, but the random moment of the kill: after a random number of further acknowledgements.
            for (var left = random.Next(1, 2_000); left > 0; left--)
                saves.Add(await game.NextAsync());
            game.Kill();
            saves.AddRange(await game.RestAsync());
        }

        await using var savepoint = await folder.StartAsync();
        var store = (await savepoint.ConnectAsync("judge", cancellationToken: Cancelled)).Store("profile");
        foreach (var of in saves.GroupBy(save => save.Hero, StringComparer.Ordinal))
        {
            of.Select(save => save.Version).ShouldBeUnique(of.Key);
            var last = of.MaxBy(save => save.Version);
            var view = await store.ViewAsync(of.Key, cancellationToken: Cancelled);
            view!.Version.ShouldBeGreaterThanOrEqualTo(last.Version, of.Key);
            // What was on its way at a kill may be there, which nobody was told of: then whole.
            view["gold"].AsInt64().ShouldBe(view["items.fang"].AsInt64() * 10, of.Key);
            foreach (var save in of.TakeLast(20))
                (await store.ViewAsync(save.Hero, save.Version, Cancelled))!["gold"].AsInt64().ShouldBe(save.Gold, $"{save}");
        }
    }

    [Fact]
    public async Task A_stop_in_good_order_saves_what_was_not_saved_yet_and_another_process_is_kept_out_until_then()
    {
        using var folder = new DataFolder();
        using var game = GameProcess.Start(folder.Path);
        await game.NextAsync();
        (await Should.ThrowAsync<StoreException>(folder.StartAsync)).Message.ShouldContain("is locked by another process");
        (await game.StopAsync()).ShouldBe(0);

        await using var savepoint = await folder.StartAsync();
        var store = (await savepoint.ConnectAsync("judge", cancellationToken: Cancelled)).Store("profile");
        for (var number = 0; number < 10; number++)
            (await store.ViewAsync($"hero-{number}", cancellationToken: Cancelled))!["items.rest"].AsInt64().ShouldBe(1);
    }

    [Fact]
    public void A_game_server_that_embeds_it_needs_no_web_server()
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(GameProcess.Assembly, "runtimeconfig.json")));
        config.RootElement.GetProperty("runtimeOptions").GetProperty("framework").GetProperty("name").GetString().ShouldBe("Microsoft.NETCore.App");
    }
}
