using Microsoft.Extensions.DependencyInjection;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Storage;
using Savepoint.Hosting.Requests;
using Savepoint.Server.Tests.Profiles;
using Savepoint.Storage.Memory;
using Savepoint.Streams.Authorization;
using Savepoint.Testing;

namespace Savepoint.Server.Tests.Characters;

public sealed class FailureTests
{
    [Fact]
    public async Task Whoever_names_several_versions_is_not_refused_for_good_while_the_present_one_is_not_known()
    {
        var faults = new StoreFaults();
        await using var server = await StartAsync(faults);
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        var path = await CreateAsync(server, player);
        (await WhileAChangeIsStuckAsync(faults, player, path, AskAsync)).ShouldBeProblem(503, "entity.load_timeout");
        await server.UntilAsync(async () => (await player.GetAsync(path)).Version == 2);
        await server.UntilAsync(async () => (await AskAsync()).Status == System.Net.HttpStatusCode.OK);
        (await player.GetAsync(path)).Version.ShouldBe(3);

        Task<ProfileAnswer> AskAsync() => player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-1}""", ("If-Match", "\"1\", \"2\", \"9\""), ("Idempotency-Key", "several"));
    }

    [Fact]
    public async Task A_list_is_whole_or_comes_again_where_a_character_is_only_late()
    {
        var faults = new StoreFaults();
        await using var server = await StartAsync(faults);
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        var path = await CreateAsync(server, player);

        // What reads the character waits for the change that it looks at, and this one does not get through.
        var list = await WhileAChangeIsStuckAsync(faults, player, path, () => player.GetAsync("characters"));
        list.ShouldBeProblem(503, "entity.load_timeout").Headers.ContainsKey("Retry-After").ShouldBeTrue();
        await server.UntilAsync(async () => (await player.GetAsync("characters")).Status == System.Net.HttpStatusCode.OK);
        (await player.GetAsync("characters")).Body["characters"]!.AsArray().ShouldHaveSingleItem()!["hitpoints"]!.GetValue<int>().ShouldBe(13);
    }

    private static Task<RunningServer> StartAsync(StoreFaults faults) => RunningServer.StartAsync(
        builder =>
        {
            builder.Services.AddSingleton<IStore>(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults));
            builder.Services.AddSingleton(provider => new EngineRequests(
                provider.GetRequiredService<IStateEngine>(), provider.GetRequiredService<IAuthorizer>(), provider.GetRequiredService<KindRegistry>(), TimeProvider.System) { AnswerWithin = TimeSpan.FromMilliseconds(100) });
        },
        [.. ProfileApi.Keys, "--dev"]);

    /// <summary>Asks while a change of the character is on its way to the store, and lets it get there afterwards.</summary>
    private static async Task<ProfileAnswer> WhileAChangeIsStuckAsync(StoreFaults faults, ProfileApi player, string path, Func<Task<ProfileAnswer>> ask)
    {
        var stall = faults.StallNext(StoreOperation.Append);
        var change = await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-1}""");
        var answer = await ask();
        stall.Release();
        change.ShouldBeProblem(504, "outcome.unknown");
        return answer;
    }

    /// <summary>On a busy machine the first answer may be late; the key has it done once.</summary>
    private static async Task<string> CreateAsync(RunningServer server, ProfileApi player)
    {
        ProfileAnswer? made = null;
        await server.UntilAsync(async () => (made = await player.PostAsync("characters", CharacterServer.Bruenor, ("Idempotency-Key", "bruenor"))).Status == System.Net.HttpStatusCode.Created);
        return $"characters/{made!.Body["id"]!.GetValue<string>()}";
    }
}
