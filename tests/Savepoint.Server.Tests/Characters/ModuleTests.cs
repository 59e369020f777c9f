using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Engine.Kinds;
using Savepoint.Hosting;
using Savepoint.Hosting.OpenApi;
using Savepoint.Modules.Characters;
using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Intents;
using Savepoint.Modules.Characters.State;
using Savepoint.Server.Hosting;
using Savepoint.Server.Tests.Profiles;

namespace Savepoint.Server.Tests.Characters;

public sealed class ModuleTests
{
    [Fact]
    public async Task An_intent_in_an_assembly_of_the_games_own_works_from_end_to_end()
    {
        await using var server = await StartAsync(savepoint => savepoint.AddCharacters(options => options.IntentAssemblies.Add(typeof(ModuleTests).Assembly)));
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        var path = await CharacterServer.CreateAsync(player);
        (await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-14}""")).ShouldBeOk();
        (await player.PostAsync($"{path}/rest", """{"hours":8,"version":2}""")).ShouldBeOk().Body["hitpoints"]!.GetValue<int>().ShouldBe(8);
        (await player.PostAsync($"{path}/rest", """{"hours":8}""")).ShouldBeProblem(428, "request.precondition_required");
        (await player.PostAsync($"{path}/rest", """{"hours":"all","version":3}""")).ShouldBeProblem(400, "request.invalid");
        (await player.PostAsync($"{path}/rest", """{"hours":0,"version":3}""")).ShouldBeProblem(409, "TOO_SHORT").Body["detail"]!.GetValue<string>().ShouldBe("Rest takes an hour.");
        var fields = server.App.Services.GetRequiredService<Microsoft.AspNetCore.Routing.EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<DescribedBody>()?.Fields).Single(fields => fields?.Any(field => field.Name == "hours") == true)!;
        fields.Select(field => (field.Name, field.Type, field.IsRequired)).ShouldBe([("hours", BodyFieldType.Whole, true), ("version", BodyFieldType.Whole, false)]);
        fields[0].Description.ShouldBe("How long.");
    }

    [Fact]
    public async Task Characters_stand_beside_the_default_kind_and_a_game_may_do_without()
    {
        await using (var server = await StartAsync(_ => { }))
            Kinds(server).ShouldBe(["character", "profile", "roster"]);
        await using var without = await StartAsync(_ => { }, "--Savepoint:Characters:Enabled=false");
        Kinds(without).ShouldBe(["profile"]);
        (await ProfileApi.Of(without).GetAsync("characters?user=alice")).ShouldBeProblem(404, "request.no_such_endpoint");
        await using var own = await StartAsync(_ => { }, "--Savepoint:Characters:Enabled=false", "--Savepoint:Kinds:0=character");
        Kinds(own).ShouldBe(["character"]);
        (await Should.ThrowAsync<InvalidKindException>(() => StartAsync(_ => { }, "--Savepoint:Kinds:0=character"))).Message.ShouldContain("which a module brings along");
        (await Should.ThrowAsync<InvalidKindException>(() => StartAsync(savepoint => savepoint.AddKind(new Kind { Name = "roster" })))).Message.ShouldContain("Savepoint:Characters:Enabled=false");
    }

    [Fact]
    public async Task Settings_say_how_many_characters_a_user_may_have()
    {
        await using var server = await StartAsync(_ => { }, "--Savepoint:Characters:MaxPerUser=1");
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        await CharacterServer.CreateAsync(player);
        (await player.PostAsync("characters", CharacterServer.Bruenor.Replace("Bruenor", "Gimli"))).ShouldBeProblem(422, "TOO_MANY_CHARACTERS");
        Should.Throw<Microsoft.Extensions.Options.OptionsValidationException>(() => SavepointApplication.Create(["--store", "memory", "--Savepoint:Characters:MaxPerUser=0"]))
            .Message.ShouldContain("Savepoint:Characters:MaxPerUser");
    }

    [Fact]
    public async Task A_game_says_more_of_its_characters_and_loses_no_settings()
    {
        await using (var server = await StartAsync(savepoint => savepoint.AddCharacters(options => options.IntentAssemblies.Add(typeof(ModuleTests).Assembly)), "--Savepoint:Characters:MaxPerUser=1"))
        {
            var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
            var path = await CharacterServer.CreateAsync(player);
            (await player.PostAsync($"{path}/rest", """{"hours":8,"version":1}""")).ShouldBeOk();
            (await player.PostAsync("characters", CharacterServer.Bruenor.Replace("Bruenor", "Gimli"))).ShouldBeProblem(422, "TOO_MANY_CHARACTERS");
        }

        await using var without = await StartAsync(savepoint => savepoint.AddCharacters(options => options.IntentAssemblies.Add(typeof(ModuleTests).Assembly)), "--Savepoint:Characters:Enabled=false");
        Kinds(without).ShouldBe(["profile"]);
        Should.Throw<System.ComponentModel.DataAnnotations.ValidationException>(() => Create(savepoint => savepoint.AddCharacters(options => options.MaxPerUser = 0))).Message.ShouldContain("MaxPerUser");
        Should.Throw<InvalidOperationException>(() => Create(savepoint => savepoint.AddCharacters(new CharactersOptions()))).Message.ShouldContain("AddCharacters(options =>");

        static object Create(Action<SavepointBuilder> configure) => SavepointApplication.Create(["--store", "memory", $"--Savepoint:GameServerSecret={Streams.Tests.TestClient.Secret}"], configure: configure);
    }

    [Fact]
    public async Task The_economy_ledger_sees_the_coins_of_characters_come_and_go_by_intent()
    {
        await using var server = await RunningServer.StartAsync(null, [.. ProfileApi.Keys, "--dev"]);
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        var path = await CharacterServer.CreateAsync(player);
        await player.PatchAsync($"{path}/currency/modify", """{"gp":15,"sp":30}""", ("Savepoint-Reason", "players give none"));
        await player.PatchAsync($"{path}/currency/modify", """{"gp":-4}""");
        await player.PatchAsync($"{path}/currency/exchange", """{"from":"sp","to":"gp","amount":25,"version":3}""");
        await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-1}""");
        await ProfileApi.Of(server).PatchAsync($"{path}/currency/modify?user=alice", """{"pp":1}""", ("Savepoint-Reason", "quest:dragon"));

        // The sums are written with the next checkpoint.
        var admin = ProfileApi.Of(server, ProfileApi.AdminSecret);
        string[] rows;
        do
        {
            rows = [.. (await admin.GetAsync("economy?kind=character")).Body["rows"]!.AsArray().Select(row => $"{row!["path"]} {row["reason"]} +{row["sources"]} -{row["sinks"]}")];
        }
        while (rows.Length < 5);
        rows.ShouldBe(["currency.gp currency.exchange +2 -0", "currency.gp currency.modify +15 -4", "currency.pp quest:dragon +1 -0", "currency.sp currency.exchange +0 -20", "currency.sp currency.modify +30 -0"]);
    }

    [Fact]
    public async Task The_history_tells_who_has_asked_for_which_intent_and_an_erasure_takes_characters_and_roster()
    {
        await using var server = await RunningServer.StartAsync(null, [.. ProfileApi.Keys, "--dev"]);
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        var path = await CharacterServer.CreateAsync(player);
        await player.PostAsync($"{path}/level-up", """{"version":1}""");
        var admin = ProfileApi.Of(server, ProfileApi.AdminSecret);
        (await admin.GetAsync("profiles/alice/versions?kind=roster")).Body["versions"]![0]!["eventType"]!.GetValue<string>().ShouldBe("add");
        (await admin.GetAsync("users/alice/entities")).Body["entities"]!.AsArray().Select(entity => $"{entity!["kind"]}/{entity["id"]}")
            .ShouldBe([$"character/alice:{path["characters/".Length..]}", "profile/alice", "roster/alice"], ignoreOrder: true);
        (await admin.PostAsync("users/alice/erase", """{"reason":"asked"}""")).ShouldBeOk();
        (await player.GetAsync("characters")).Text.ShouldBe("""{"characters":[],"next":null}""");
        (await player.GetAsync(path)).ShouldBeProblem(404, "CHARACTER_NOT_FOUND");
    }

    [Fact]
    public async Task A_rulebook_that_has_lost_an_item_takes_no_character_with_it()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        string path;
        await using (var before = await RunningServer.StartAsync(data, ["--dev"]))
        {
            var player = ProfileApi.Of(before, await before.DevelopmentTokenAsync("alice"));
            path = await CharacterServer.CreateAsync(player);
            (await player.PostAsync($"{path}/equip-armor", """{"itemId":"plate","version":1}""")).ShouldBeOk();
            (await player.PostAsync($"{path}/equip-weapon", """{"itemId":"longsword","version":2}""")).ShouldBeOk();
        }

        var rulebook = Rulebook.Load(new MemoryStream(Encoding.UTF8.GetBytes(Without(["plate", "longsword", "hill-dwarf"]))));
        await using (var after = await RunningServer.StartAsync(data, ["--dev"], savepoint => savepoint.AddCharacters(options => options.Rulebook = rulebook)))
        {
            var player = ProfileApi.Of(after, await after.DevelopmentTokenAsync("alice"));
            var read = (await player.GetAsync(path)).ShouldBeOk().Body;
            (read["subrace"]!.GetValue<string>(), read["armorClass"]!.GetValue<int>(), read["hitpoints"]!.GetValue<int>(), read["maximumHitpoints"]!.GetValue<int>()).ShouldBe(("hill-dwarf", 11, 13, 13));
            read["equipment"]!.ToJsonString().ShouldBe("""{"armor":"plate","mainHand":"longsword","offHand":null,"shield":null}""");
            read["attacks"]![0]!["damage"].ShouldBeNull();
            (await player.PostAsync($"{path}/equip-armor", """{"itemId":"plate","version":3}""")).ShouldBeProblem(404, "ARMOR_NOT_FOUND");
            (await player.PostAsync($"{path}/unequip", """{"slot":"main-hand","version":3}""")).ShouldBeOk().Body["equipment"]!["mainHand"].ShouldBeNull();
            (await player.GetAsync("characters")).Body["characters"]!.AsArray().Count.ShouldBe(1);
        }

        data.Delete(recursive: true);
    }

    /// <summary>The SRD's rulebook with other ids for some things.</summary>
    private static string Without(string[] ids)
    {
        using var file = new StreamReader(typeof(Rulebook).Assembly.GetManifestResourceStream("srd-5.1.json")!);
        return ids.Aggregate(file.ReadToEnd(), (text, id) => text.Replace($"\"{id}\"", $"\"{id}-of-old\"", StringComparison.Ordinal));
    }

    private static Task<RunningServer> StartAsync(Action<SavepointBuilder> configure, params string[] args) =>
        RunningServer.StartAsync(Directory.CreateTempSubdirectory("savepoint-test-"), [.. ProfileApi.Keys, "--store", "memory", "--dev", .. args], configure);

    private static IEnumerable<string> Kinds(RunningServer server) =>
        server.App.Services.GetRequiredService<KindRegistry>().All.Select(kind => kind.Name).Where(name => !name.StartsWith("sp-", StringComparison.Ordinal)).Order();
}

/// <summary>A game's own intent, in one class: an hour of rest is worth a hit point.</summary>
public sealed class Rest() : CharacterIntent<long>(new IntentDefinition("rest", "Rests", "POST", "/rest", """{"hours":8,"version":5}""") { Errors = [TooShort] })
{
    private static readonly RuleError TooShort = new("TOO_SHORT", "Rest takes an hour.") { Status = 409 };

    protected override long Read(IntentArguments arguments) => arguments.Whole("hours", "How long.");

    protected override Ruling<CharacterState> Apply(CharacterState character, long arguments, Rulebook rulebook) => arguments < 1
        ? TooShort
        : character with { HitPoints = Modules.Characters.Rules.HitPoints.After(character.HitPoints, arguments, character.MaximumHitPoints) };
}
