using System.Net;
using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Protocol.Messages;
using Savepoint.Server.Tests.Profiles;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Characters;

/// <summary>What the tools for all entities do with characters.</summary>
public sealed class AdministrationTests(CharacterServer server) : IClassFixture<CharacterServer>
{
    private ProfileApi Admin => ProfileApi.Of(server.Server, ProfileApi.AdminSecret);

    [Fact]
    public async Task History_rollback_and_intents_of_profiles_reach_characters()
    {
        var (player, path, entity) = await WithEntityAsync();
        (await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-4}""")).ShouldBeOk();
        (await Admin.GetAsync($"{entity}/versions?kind=character")).ShouldBeOk().Body["versions"]!.AsArray().Select(version => version!["eventType"]!.GetValue<string>())
            .ShouldBe(["stats.hitpoints", "make"]);
        (await Admin.PostAsync($"{entity}/intents/level-up?kind=character", """{"arguments":{}}""")).ShouldBeOk();
        (await Admin.PostAsync($"{entity}/rollback?kind=character", """{"version":1,"reason":"support:7"}""")).ShouldBeOk();
        var now = (await player.GetAsync(path)).Body;
        (now["hitpoints"]!.GetValue<int>(), now["level"]!.GetValue<int>(), now["version"]!.GetValue<int>()).ShouldBe((14, 1, 4));
    }

    [Fact]
    public async Task A_character_that_an_admin_removed_leaves_an_entry_that_its_player_can_delete()
    {
        var (player, path, entity) = await WithEntityAsync();
        (await Admin.DeleteAsync($"{entity}?kind=character", ("If-Match", "*"))).ShouldBeOk();
        (await player.PostAsync("characters", CharacterServer.Bruenor)).ShouldBeProblem(422, "NAME_TAKEN");
        for (var i = 0; i < 2; i++)
            (await player.DeleteAsync($"{path}?version=1", ("Idempotency-Key", "gone"))).Status.ShouldBe(HttpStatusCode.NoContent);
        (await player.DeleteAsync($"{path}?version=1")).ShouldBeProblem(404, "CHARACTER_NOT_FOUND");
        (await player.DeleteAsync(path, ("If-Match", "*"))).ShouldBeProblem(404, "CHARACTER_NOT_FOUND");
        await CharacterServer.CreateAsync(player);
    }

    [Fact]
    public async Task An_admin_brings_a_deleted_character_back_with_its_entry_in_one_transaction()
    {
        var (player, path, entity) = await WithEntityAsync();
        (await player.DeleteAsync($"{path}?version=1")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await player.GetAsync(path, ("If-None-Match", "\"2\""))).ShouldBeProblem(404, "CHARACTER_NOT_FOUND");

        // As docs/reference/characters-api.md shows it.
        var id = entity["profiles/".Length..];
        (await Admin.PostAsync("transactions", $$"""
            {"reason":"ticket 4711","mutations":[{"kind":"character","id":"{{id}}","restoreVersion":1},
            {"kind":"roster","id":"{{id.Split(':')[0]}}","intent":"add","arguments":{"name":"bruenor","id":"{{id.Split(':')[1]}}"} }]}
            """)).ShouldBeOk();
        (await player.GetAsync("characters")).Body["characters"]!.AsArray().ShouldHaveSingleItem()!["id"]!.GetValue<string>().ShouldBe(path["characters/".Length..]);
        (await player.PostAsync("characters", CharacterServer.Bruenor)).ShouldBeProblem(422, "NAME_TAKEN");
        (await player.DeleteAsync($"{path}?version=3")).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task One_that_cannot_be_read_hides_no_other_and_is_repaired_over_http()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        string[] args = [.. ProfileApi.Keys, "--dev", "--Savepoint:Store=Sqlite"];
        string path, damaged;
        await using (var before = await RunningServer.StartAsync(data, args))
        {
            var player = ProfileApi.Of(before, await before.DevelopmentTokenAsync("alice"));
            path = await CharacterServer.CreateAsync(player);
            damaged = await CharacterServer.CreateAsync(player, CharacterServer.Bruenor.Replace("Bruenor", "Gimli", StringComparison.Ordinal));
        }

        var id = damaged["characters/".Length..];
        StoredEntities.Damage(data, "character", $"alice:{id}");
        await using (var after = await RunningServer.StartAsync(data, args))
        {
            var (player, admin) = (ProfileApi.Of(after, await after.DevelopmentTokenAsync("alice")), ProfileApi.Of(after, ProfileApi.AdminSecret));
            (await player.GetAsync(damaged)).Code.ShouldBe("entity.quarantined");
            var list = (await player.GetAsync("characters")).ShouldBeOk().Body;
            list["characters"]!.AsArray().ShouldHaveSingleItem()!["id"]!.GetValue<string>().ShouldBe(path["characters/".Length..]);
            list["unreadable"]!.ToJsonString().ShouldBe($$"""[{"id":"{{id}}","code":"entity.quarantined"}]""");
            (await admin.GetAsync("quarantine")).Body["entities"]!.AsArray().ShouldHaveSingleItem()!["id"]!.GetValue<string>().ShouldBe($"alice:{id}");
            (await admin.PostAsync($"quarantine/character/alice:{id}/repair", """{"newest":true,"reason":"disk"}""")).ShouldBeOk();
            (await player.GetAsync(damaged)).ShouldBeOk().Body["name"]!.GetValue<string>().ShouldBe("Gimli");
            list = (await player.GetAsync("characters")).Body;
            (list["characters"]!.AsArray().Count, list.ContainsKey("unreadable")).ShouldBe((2, false));
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Players_choose_no_reasons_whichever_way_they_ask()
    {
        var (player, path, entity) = await WithEntityAsync();
        var id = entity["profiles/".Length..];
        const string Forged = "quest:dragon", Arguments = """ "arguments":{"gp":1} """;
        (await player.PostAsync($"{entity}/intents/currency.modify?kind=character", $$"""{{{Arguments}},"reason":"{{Forged}}"}""")).ShouldBeOk();
        (await player.PostAsync($"{entity}/intents/currency.modify?kind=character", $$"""{{{Arguments}}}""", ("Savepoint-Reason", Forged))).ShouldBeOk();
        var part = $$"""{"kind":"character","id":"{{id}}","intent":"currency.modify",{{Arguments}}""";
        (await player.PostAsync("transactions", $$"""{"reason":"{{Forged}}","mutations":[{{part}}}]}""")).ShouldBeOk();
        (await player.PostAsync("profiles/batch", $$"""{"reason":"{{Forged}}","parts":[{{part}}}]}""")).ShouldBeOk();
        (await player.PostAsync("profiles/batch", $$"""{"parts":[{{part}},"reason":"{{Forged}}"}]}""")).ShouldBeOk();
        await using var stream = await server.Server.ConnectAsync(new Hello { PlayerToken = await server.Server.DevelopmentTokenAsync(id.Split(':')[0]) });
        var unit = Requests.Unit(Coin(id));
        unit.Unit.Reason = Forged;
        (await stream.AskAsync(unit)).UnitCommitted.ShouldNotBeNull();
        var batch = Requests.Batch(Coin(id));
        batch.Batch.Reason = Forged;
        (await stream.AskAsync(batch)).BatchResult.Parts[0].Error.ShouldBeNull();

        // Others choose, or leave it at the name.
        var shop = ProfileApi.Of(server.Server);
        (await shop.PostAsync("transactions", $$"""{"mutations":[{{part}}}]}""")).ShouldBeOk();
        (await shop.PostAsync("transactions", $$"""{"reason":"{{Forged}}","mutations":[{{part}}}]}""")).ShouldBeOk();
        var reasons = (await Admin.GetAsync($"{entity}/versions?kind=character")).Body["versions"]!.AsArray()
            .OrderBy(version => version!["version"]!.GetValue<long>()).Select(version => version!["reason"]?.GetValue<string>());
        reasons.ShouldBe(["create", .. Enumerable.Repeat("currency.modify", 8), Forged]);
        (await player.GetAsync(path)).Body["currency"]!["gp"]!.GetValue<long>().ShouldBe(9);
    }

    private async Task<(ProfileApi Player, string Path, string Entity)> WithEntityAsync()
    {
        var user = CharacterServer.NewUser();
        var (player, path) = await server.WithBruenorAsync(user);
        return (player, path, $"profiles/{user}:{path["characters/".Length..]}");
    }

    private static Mutation Coin(string id) => new()
    {
        Kind = "character",
        Id = id,
        Intent = new Intent { Name = "currency.modify", Arguments = ByteString.CopyFrom(new Document(new MapBuilder { { "gp", 1 } }.Build()).ToBytes()) },
    };
}
