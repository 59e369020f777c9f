using System.Net;
using Savepoint.Server.Tests.Profiles;

namespace Savepoint.Server.Tests.Characters;

/// <summary>Several at once, on a database that makes changes durable.</summary>
public sealed class ContentionTests
{
    [Fact]
    public async Task Two_clients_that_fight_over_a_character_lose_nothing()
    {
        await using var server = await ProfileApi.StartAsync("--dev", "--data", Directory.CreateTempSubdirectory("savepoint-test-").FullName);
        var token = await server.DevelopmentTokenAsync("alice");
        var path = await CharacterServer.CreateAsync(ProfileApi.Of(server, token));
        var conflicts = 0;

        // Each takes 40 steps from what it has last seen, and where that is no longer so, takes the step again from what the refusal shows.
        async Task FightAsync(string slot, string[] weapons)
        {
            var api = ProfileApi.Of(server, token);
            var seen = (await api.GetAsync(path)).Body;
            for (var step = 0; step < 40; step++)
            {
                while (true)
                {
                    var answer = await api.PostAsync($"{path}/equip-weapon", $$"""{"itemId":"{{weapons[step % weapons.Length]}}","offHand":{{(slot == "offHand" ? "true" : "false")}},"version":{{seen["version"]}}}""");
                    if (answer.Status == HttpStatusCode.OK)
                    {
                        seen = answer.Body;
                        seen["equipment"]![slot]!.GetValue<string>().ShouldBe(weapons[step % weapons.Length]);
                        break;
                    }

                    answer.ShouldBeProblem(409, "version.mismatch");
                    Interlocked.Increment(ref conflicts);
                    seen = answer.Body["character"]!.AsObject();
                }
            }
        }

        await Task.WhenAll(FightAsync("mainHand", ["dagger", "shortsword"]), FightAsync("offHand", ["handaxe", "sickle", "light-hammer"]));
        var last = (await ProfileApi.Of(server, token).GetAsync(path)).Body;
        last["version"]!.GetValue<int>().ShouldBe(1 + 80);
        (last["equipment"]!["mainHand"]!.GetValue<string>(), last["equipment"]!["offHand"]!.GetValue<string>()).ShouldBe(("shortsword", "handaxe"));
        conflicts.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task What_commutes_counts_from_sixteen_connections_at_once()
    {
        await using var server = await ProfileApi.StartAsync("--dev", "--data", Directory.CreateTempSubdirectory("savepoint-test-").FullName);
        var token = await server.DevelopmentTokenAsync("alice");
        var path = await CharacterServer.CreateAsync(ProfileApi.Of(server, token));
        (await ProfileApi.Of(server, token).PatchAsync($"{path}/stats/hitpoints", """{"delta":-10}""")).ShouldBeOk();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async index =>
        {
            using var connection = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 });
            var api = new ProfileApi(connection, token, server.Http.BaseAddress);
            for (var step = 0; step < 25; step++)
            {
                (await api.PatchAsync($"{path}/currency/modify", $$"""{"gp":{{index + 1}},"sp":1}""")).ShouldBeOk();
                (await api.PatchAsync($"{path}/stats/hitpoints", $$"""{"delta":{{(step % 2 == 0 ? 1 : -1)}}}""")).ShouldBeOk();
            }
        }));

        var last = (await ProfileApi.Of(server, token).GetAsync(path)).Body;
        (last["currency"]!["sp"]!.GetValue<long>(), last["currency"]!["gp"]!.GetValue<long>()).ShouldBe((16 * 25, 25 * 16 * 17 / 2));
        last["version"]!.GetValue<int>().ShouldBe(2 + (2 * 16 * 25));
    }

    [Fact]
    public async Task Of_many_at_once_who_want_the_same_name_one_gets_it_and_no_more_than_twenty_are_made()
    {
        await using var server = await ProfileApi.StartAsync("--dev");
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        var same = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => player.PostAsync("characters", CharacterServer.Bruenor)));
        same.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(1);
        same.Where(answer => answer.Status != HttpStatusCode.Created).ShouldAllBe(answer => answer.Code == "NAME_TAKEN");
        var many = await Task.WhenAll(Enumerable.Range(0, 26).Select(index => player.PostAsync("characters", CharacterServer.Bruenor.Replace("Bruenor", "Bruenor" + (char)('a' + index)))));
        many.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(19);
        (await player.GetAsync("characters?limit=100")).Body["characters"]!.AsArray().Count.ShouldBe(20);
    }
}
