using Microsoft.Extensions.DependencyInjection;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Hosting.Calls;
using Savepoint.Server.Tests.Profiles;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Server.Tests.Characters;

public sealed class FailureTests
{
    [Fact]
    public async Task Whoever_names_several_versions_is_not_refused_for_good_while_the_present_one_is_not_known()
    {
        var (faults, time) = (new StoreFaults(), new VirtualTime());
        await using var server = await StartAsync(faults, time);
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        var path = await CharacterServer.CreateAsync(player);
        (await WhileAChangeIsStuckAsync(faults, time, player, path, AskAsync)).ShouldBeProblem(503, "entity.load_timeout");
        (await player.GetAsync(path)).Version.ShouldBe(2);
        (await AskAsync()).ShouldBeOk();
        (await player.GetAsync(path)).Version.ShouldBe(3);

        Task<ProfileAnswer> AskAsync() => player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-1}""", ("If-Match", "\"1\", \"2\", \"9\""), ("Idempotency-Key", "several"));
    }

    [Fact]
    public async Task A_list_is_whole_or_comes_again_where_a_character_is_only_late()
    {
        var (faults, time) = (new StoreFaults(), new VirtualTime());
        await using var server = await StartAsync(faults, time);
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        var path = await CharacterServer.CreateAsync(player);

        // What reads the character waits for the change that it looks at, and this one does not get through.
        var list = await WhileAChangeIsStuckAsync(faults, time, player, path, () => player.GetAsync("characters"));
        list.ShouldBeProblem(503, "entity.load_timeout").Headers.ContainsKey("Retry-After").ShouldBeTrue();
        (await player.GetAsync("characters")).ShouldBeOk().Body["characters"]!.AsArray().ShouldHaveSingleItem()!["hitpoints"]!.GetValue<int>().ShouldBe(13);
    }

    private static Task<RunningServer> StartAsync(StoreFaults faults, VirtualTime time) => RunningServer.StartAsync(
        builder =>
        {
            builder.Services.AddSingleton<IStore>(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults));
            builder.Services.AddSingleton(provider => new EngineCalls(provider.GetRequiredService<IStateEngine>(), time));
        },
        [.. ProfileApi.Keys, "--dev"]);

    /// <summary>Asks while a change of the character is on its way to the store, and lets it get there afterwards.</summary>
    private static async Task<ProfileAnswer> WhileAChangeIsStuckAsync(StoreFaults faults, VirtualTime time, ProfileApi player, string path, Func<Task<ProfileAnswer>> ask)
    {
        var stall = faults.StallNext(StoreOperation.Append);
        var changing = player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-1}""");
        await Task.WhenAny(stall.Reached, changing);
        var change = await changing.LateAsync(time);
        var answer = await ask().LateAsync(time);
        stall.Release();
        change.ShouldBeProblem(504, "outcome.unknown");
        return answer;
    }
}
