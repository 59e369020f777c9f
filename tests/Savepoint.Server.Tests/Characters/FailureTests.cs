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
    public async Task A_list_is_whole_or_comes_again_where_a_character_is_only_late()
    {
        var faults = new StoreFaults();
        await using var server = await RunningServer.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<IStore>(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults));
                builder.Services.AddSingleton(provider => new EngineRequests(provider.GetRequiredService<IStateEngine>(), provider.GetRequiredService<IAuthorizer>(), provider.GetRequiredService<KindRegistry>(), TimeProvider.System) { AnswerWithin = TimeSpan.FromMilliseconds(100) });
            },
            [.. ProfileApi.Keys, "--dev"]);
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        string path = "";
        await server.UntilAsync(async () => await TryCreateAsync() is not null);

        // What reads the character waits for the change that it looks at, and this one does not get through.
        var stall = faults.StallNext(StoreOperation.Append);
        var change = await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-1}""");
        var list = await player.GetAsync("characters");
        stall.Release();
        change.ShouldBeProblem(504, "outcome.unknown");
        list.ShouldBeProblem(503, "entity.load_timeout").Headers.ContainsKey("Retry-After").ShouldBeTrue();
        await server.UntilAsync(async () => (await player.GetAsync("characters")).Status == System.Net.HttpStatusCode.OK);
        (await player.GetAsync("characters")).Body["characters"]!.AsArray().ShouldHaveSingleItem()!["hitpoints"]!.GetValue<int>().ShouldBe(13);

        // On a busy machine the first may be late as well; the key has it done once.
        async Task<string?> TryCreateAsync()
        {
            var made = await player.PostAsync("characters", CharacterServer.Bruenor, ("Idempotency-Key", "bruenor"));
            return made.Status != System.Net.HttpStatusCode.Created ? null : path = $"characters/{made.Body["id"]!.GetValue<string>()}";
        }
    }
}
