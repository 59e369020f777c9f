using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Documents;
using Savepoint.Modules.Characters.Creation;
using Savepoint.Server.Tests.Profiles;

namespace Savepoint.Server.Tests.Characters;

public sealed class CreationTests(CharacterServer server) : IClassFixture<CharacterServer>
{
    [Fact]
    public async Task A_new_character_is_answered_whole_with_its_place_and_tag_and_read_so_again()
    {
        var player = await server.PlayerAsync();
        var made = await player.PostAsync("characters", CharacterServer.Bruenor);
        made.Status.ShouldBe(HttpStatusCode.Created, made.Text);
        var id = made.Body["id"]!.GetValue<string>();
        made.Text.ShouldBe($$"""
            {"id":"{{id}}","name":"Bruenor","race":"dwarf","subrace":"hill-dwarf","class":"fighter","level":1,"hitpoints":14,"maximumHitpoints":14,"armorClass":11,
            "speedFeet":25,"initiative":1,"proficiencyBonus":2,"stealthDisadvantage":false,"lacksArmorTraining":false,
            "abilities":{"strength":15,"dexterity":13,"constitution":16,"intelligence":8,"wisdom":13,"charisma":10},
            "abilityModifiers":{"strength":2,"dexterity":1,"constitution":3,"intelligence":-1,"wisdom":1,"charisma":0},
            "savingThrows":{"strength":4,"dexterity":1,"constitution":5,"intelligence":-1,"wisdom":1,"charisma":0},
            "equipment":{"armor":null,"mainHand":null,"offHand":null,"shield":null},"attacks":[],"currency":{"cp":0,"sp":0,"ep":0,"gp":0,"pp":0},"version":1}
            """.ReplaceLineEndings(""));
        (made.Tag, made.Headers["Location"]).ShouldBe(("\"1\"", $"/api/v1/characters/{id}"));

        var read = (await player.GetAsync($"characters/{id}")).ShouldBeOk();
        (read.Text, read.Tag, read.Headers["Cache-Control"]).ShouldBe((made.Text, "\"1\"", "no-cache, private"));
        foreach (var known in new[] { "\"1\"", "W/\"1\"", "*", "\"7\", \"1\"", "\"7\", W/\"1\"" })
        {
            var same = await player.GetAsync($"characters/{id}", ("If-None-Match", known));
            (same.Status, same.Tag).ShouldBe((HttpStatusCode.NotModified, "\"1\""), known);
        }

        foreach (var other in new[] { "\"2\"", "\"2\", W/\"3\"", "1", "\"x\"" })
            (await player.GetAsync($"characters/{id}", ("If-None-Match", other))).Text.ShouldBe(made.Text, other);
    }

    [Theory]
    [InlineData("""{"name":"Bo","race":"human","class":"wizard"}""", 422, "NAME_INVALID")]
    [InlineData("""{"name":"Sixteen letters!","race":"human","class":"wizard"}""", 422, "NAME_INVALID")]
    [InlineData("""{"name":"Admin","race":"human","class":"wizard"}""", 422, "NAME_RESERVED")]
    [InlineData("""{"name":"Merlin","race":"klingon","class":"wizard"}""", 404, "RACE_NOT_FOUND")]
    [InlineData("""{"name":"Merlin","race":"human","class":"jedi"}""", 404, "CLASS_NOT_FOUND")]
    [InlineData("""{"name":"Merlin","race":"dwarf","class":"wizard"}""", 422, "SUBRACE_REQUIRED")]
    [InlineData("""{"name":"Merlin","race":"dwarf","subrace":"high-elf","class":"wizard"}""", 404, "SUBRACE_NOT_FOUND")]
    [InlineData("""{"name":"Merlin","race":"half-elf","class":"wizard"}""", 422, "ABILITY_CHOICE_INVALID")]
    [InlineData("""{"name":"Merlin","race":"half-elf","class":"wizard","abilities":{"increases":["wisdom","wisdom"]}}""", 422, "ABILITY_CHOICE_INVALID")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"preference":["strength"]}}""", 422, "ABILITY_CHOICE_INVALID")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":"pointBuy","scores":{"strength":16,"dexterity":8,"constitution":8,"intelligence":8,"wisdom":8,"charisma":8}}}""", 422, "ABILITY_SCORE_INVALID")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":"pointBuy","scores":{"strength":15,"dexterity":15,"constitution":15,"intelligence":9,"wisdom":8,"charisma":8}}}""", 422, "NOT_ENOUGH_POINTS")]
    public async Task What_the_rules_refuse_is_told_by_its_code(string wish, int status, string code) =>
        (await (await server.PlayerAsync()).PostAsync("characters", wish)).ShouldBeProblem(status, code);

    [Theory]
    [InlineData("""{"race":"human","class":"wizard"}""", "'name' is missing.")]
    [InlineData("""{"name":null,"race":"human","class":"wizard"}""", "'name' has to be a text.")]
    [InlineData("""{"name":7,"race":"human","class":"wizard"}""", "'name' has to be a text.")]
    [InlineData("""{"name":"Merlin","name":"Arthur","race":"human","class":"wizard"}""", "'name' is there twice.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","level":20}""", "'level' is not known here.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":"wish"}}""", "'abilities.method' has to be roll or pointBuy.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"rolls":[]}}""", "'abilities.rolls' is not known here.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":"pointBuy"}}""", "'abilities.scores' goes with pointBuy, and pointBuy with it.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"scores":{}}}""", "'abilities.scores' goes with pointBuy, and pointBuy with it.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":"pointBuy","scores":{"strength":8.5}}}""", "'abilities.scores.strength' has to be a whole number.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":"pointBuy","scores":{"luck":8}}}""", "'abilities.scores.luck' is not known here.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":"pointBuy","scores":{"strength":8}}}""", "'abilities.scores.dexterity' is missing.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"increases":["luck"]}}""", "'abilities.increases' is made of strength, dexterity, constitution, intelligence, wisdom, charisma.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"preference":"strength"}}""", "'abilities.preference' has to be a list of at most 6 abilities.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":null}}""", "'abilities': document.")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":"roll","method":"roll"}}""", "'abilities': document.duplicate_key at 'method'")]
    public async Task What_is_no_wish_is_refused_with_the_field_at_fault(string wish, string detail) =>
        (await (await server.PlayerAsync()).PostAsync("characters", wish)).ShouldBeProblem(400, "request.invalid").Body["detail"]!.GetValue<string>().ShouldStartWith(detail);

    [Theory]
    [InlineData("[]", 400, "request.invalid")]
    [InlineData("{", 400, "document.invalid_json")]
    [InlineData("", 400, "document.invalid_json")]
    [InlineData("""{"name":"\ud800","race":"human","class":"wizard"}""", 400, "request.invalid")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":null}}""", 400, "request.invalid")]
    [InlineData("""{"name":"Merlin","race":"human","class":"wizard","abilities":{"method":"roll","method":"roll"}}""", 400, "request.invalid")]
    public async Task What_is_hardly_json_is_refused(string wish, int status, string code) =>
        (await (await server.PlayerAsync()).PostAsync("characters", wish)).ShouldBeProblem(status, code);

    [Fact]
    public async Task A_name_is_one_for_each_user_whatever_its_case_and_free_again_after_a_deletion()
    {
        var (player, path) = await server.WithBruenorAsync();
        (await player.PostAsync("characters", CharacterServer.Bruenor.Replace("Bruenor", "bRUENOR"))).ShouldBeProblem(422, "NAME_TAKEN");
        await server.WithBruenorAsync();

        (await player.DeleteAsync(path)).ShouldBeProblem(428, "request.precondition_required");
        (await player.DeleteAsync(path, ("If-Match", "\"2\""))).ShouldBeProblem(412, "version.mismatch").Body["character"]!["name"]!.GetValue<string>().ShouldBe("Bruenor");
        (await player.DeleteAsync($"{path}?version=3")).ShouldBeProblem(409, "version.mismatch");
        (await player.DeleteAsync($"{path}?version=0")).ShouldBeProblem(400, "request.invalid");
        foreach (var _ in new[] { "first", "again" })
            (await player.DeleteAsync(path, ("If-Match", "\"1\""), ("Idempotency-Key", "gone"))).Status.ShouldBe(HttpStatusCode.NoContent);
        (await player.DeleteAsync(path, ("If-Match", "\"1\""))).ShouldBeProblem(404, "CHARACTER_NOT_FOUND");
        (await player.GetAsync(path)).ShouldBeProblem(404, "CHARACTER_NOT_FOUND");
        (await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":1}""")).ShouldBeProblem(404, "CHARACTER_NOT_FOUND");
        (await CharacterServer.CreateAsync(player)).ShouldNotBe(path);
    }

    [Fact]
    public async Task The_twenty_first_is_refused_and_the_twenty_are_listed_by_name_page_by_page()
    {
        var player = await server.PlayerAsync();
        (await player.GetAsync("characters")).Text.ShouldBe("""{"characters":[],"next":null}""");
        var names = Enumerable.Range(0, 20).Select(index => $"Bru{(char)('t' - index)}nor").ToArray();
        foreach (var name in names)
            await CharacterServer.CreateAsync(player, CharacterServer.Bruenor.Replace("Bruenor", name));
        (await player.PostAsync("characters", CharacterServer.Bruenor.Replace("Bruenor", "Gimli"))).ShouldBeProblem(422, "TOO_MANY_CHARACTERS");

        var (listed, cursor) = (new List<string>(), "");
        do
        {
            var page = (await player.GetAsync($"characters?limit=7{cursor}")).ShouldBeOk().Body;
            page["characters"]!.AsArray().Count.ShouldBeInRange(6, 7);
            listed.AddRange(page["characters"]!.AsArray().Select(character => character!["name"]!.GetValue<string>()));
            cursor = page["next"]?.GetValue<string>() is { } next ? "&cursor=" + next : null;
        }
        while (cursor is not null);
        listed.ShouldBe(names.Order(StringComparer.Ordinal));
        (await player.GetAsync("characters?limit=0")).ShouldBeProblem(400, "request.invalid");
    }

    [Fact]
    public async Task A_repetition_with_its_key_gives_the_character_that_the_first_has_made_and_never_other_dice()
    {
        var die = new RisingDie();
        await using var rolling = await RunningServer.StartAsync(builder => builder.Services.AddSingleton<IDie>(die), "--dev", "--store", "memory");
        var player = ProfileApi.Of(rolling, await rolling.DevelopmentTokenAsync("alice"));
        const string wish = """{"name":"Merlin","race":"human","class":"wizard"}""";
        var first = await player.PostAsync("characters", wish, ("Idempotency-Key", "a"));
        first.Body["abilities"]!["strength"]!.GetValue<int>().ShouldBe(3 + 1);
        var again = await player.PostAsync("characters", wish, ("Idempotency-Key", "a"));
        (again.Status, again.Text, again.Headers["Location"]).ShouldBe((HttpStatusCode.Created, first.Text, first.Headers["Location"]));

        // As it is now, where it has changed since.
        (await player.PatchAsync(first.Headers["Location"]["/api/v1/".Length..] + "/stats/hitpoints", """{"delta":-1}""")).ShouldBeOk();
        (await player.PostAsync("characters", wish, ("Idempotency-Key", "a"))).Version.ShouldBe(2);

        // The dice are others for another wish: those of the repetition were thrown, and nobody saw them.
        (await player.PostAsync("characters", wish.Replace("Merlin", "Arthur"), ("Idempotency-Key", "a"))).ShouldBeProblem(422, "request.reused");
        (await player.PostAsync("characters", wish.Replace("Merlin", "Arthur"), ("Idempotency-Key", "b"))).Body["abilities"]!["strength"]!.GetValue<int>().ShouldBeGreaterThan(4);
        (await player.GetAsync("characters")).Body["characters"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_key_that_was_used_for_one_user_makes_nothing_for_another_of_the_same_shard()
    {
        var shop = ProfileApi.Of(server.Server);
        var first = CharacterServer.NewUser();
        var second = Enumerable.Range(0, 10_000).Select(index => $"{first}-{index}").First(user => ShardHash.ShardOf(user, 64) == ShardHash.ShardOf(first, 64));
        (await shop.PostAsync($"characters?user={first}", CharacterServer.Bruenor, ("Idempotency-Key", first))).Status.ShouldBe(HttpStatusCode.Created);
        (await shop.PostAsync($"characters?user={second}", CharacterServer.Bruenor, ("Idempotency-Key", first))).ShouldBeProblem(422, "request.reused");
        (await shop.PostAsync($"characters?user={second}", CharacterServer.Bruenor, ("Idempotency-Key", second))).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Half_elves_choose_and_rolled_scores_go_where_the_player_prefers()
    {
        var player = await server.PlayerAsync();
        var made = await player.PostAsync("characters", """
            {"name":"Tanis","race":"half-elf","class":"ranger","abilities":{"method":"roll","preference":["dexterity","wisdom","constitution","strength","charisma","intelligence"],"increases":["dexterity","wisdom"]}}
            """);
        made.Status.ShouldBe(HttpStatusCode.Created, made.Text);
        int Score(string ability) => made.Body["abilities"]![ability]!.GetValue<int>();
        (Score("dexterity") >= Score("wisdom") && Score("wisdom") - 1 >= Score("constitution") && Score("constitution") >= Score("strength")
            && Score("strength") >= Score("charisma") - 2 && Score("charisma") - 2 >= Score("intelligence")).ShouldBeTrue(made.Text);
    }

    /// <summary>Rolls 1 for the first 24 dice, 2 for the next, and so on.</summary>
    private sealed class RisingDie : IDie
    {
        private int _rolls;

        public int Roll(int sides) => 1 + (_rolls++ / 24);
    }
}
