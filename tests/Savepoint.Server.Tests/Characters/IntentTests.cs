using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Savepoint.Server.Tests.Profiles;

namespace Savepoint.Server.Tests.Characters;

public sealed class IntentTests(CharacterServer server) : IClassFixture<CharacterServer>
{
    // All of them, with arguments that are good for somebody with a dagger and 30 silver pieces.
    public static TheoryData<string, string, string, bool> All =>
        [.. StockIntents.All.Select(intent => new TheoryDataRow<string, string, string, bool>(intent.Method, intent.Route[1..], StockIntents.ExampleOf(intent), intent.Commutes))];

    [Theory]
    [InlineData("""{"delta":-5}""", 9)]
    [InlineData("""{"delta":-15}""", 0)]
    [InlineData("""{"delta":-9223372036854775808}""", 0)]
    [InlineData("""{"delta":9223372036854775807}""", 14)]
    [InlineData("""{"delta":0}""", 14)]
    public async Task Hit_points_stay_between_0_and_their_maximum(string change, int left)
    {
        var (player, path) = await server.WithBruenorAsync();
        var answer = (await player.PatchAsync($"{path}/stats/hitpoints", change)).ShouldBeOk();
        (answer.Body["hitpoints"]!.GetValue<int>(), answer.Body["maximumHitpoints"]!.GetValue<int>(), answer.Version, answer.Tag).ShouldBe((left, 14, 2, "\"2\""));
        (await player.GetAsync(path)).Text.ShouldBe(answer.Text);
    }

    [Fact]
    public async Task Equipment_shows_in_the_derived_stats()
    {
        var (player, path) = await server.WithBruenorAsync();
        (await player.PostAsync($"{path}/equip-armor", """{"itemId":"chain-mail","version":1}""")).ShouldBeOk().Body["armorClass"]!.GetValue<int>().ShouldBe(16);
        var plate = (await player.PostAsync($"{path}/equip-armor", """{"itemId":"plate","version":2}""")).ShouldBeOk().Body;
        (plate["armorClass"]!.GetValue<int>(), plate["speedFeet"]!.GetValue<int>(), plate["stealthDisadvantage"]!.GetValue<bool>()).ShouldBe((18, 25, true));
        (await player.PostAsync($"{path}/equip-shield", """{"version":3}""")).ShouldBeOk().Body["armorClass"]!.GetValue<int>().ShouldBe(20);
        (await player.PostAsync($"{path}/equip-weapon", """{"itemId":"greatsword","version":4}""")).ShouldBeProblem(422, "BOTH_HANDS_NEEDED");
        (await player.PostAsync($"{path}/unequip", """{"slot":"shield"}""", ("If-Match", "\"4\""))).ShouldBeOk().Body["equipment"]!["shield"].ShouldBeNull();
        var armed = (await player.PostAsync($"{path}/equip-weapon", """{"itemId":"greatsword","version":5}""")).ShouldBeOk().Body;
        armed["attacks"]!.ToJsonString().ShouldBe("""
            [{"weaponId":"greatsword","kind":"melee","offHand":false,"twoHanded":true,"proficient":true,"attackBonus":4,"damage":"2d6","damageBonus":2,"damageType":"slashing","reachFeet":5,"rangeFeet":null,"disadvantage":false}]
            """);
        (await player.PostAsync($"{path}/equip-weapon", """{"itemId":"dagger","version":6}""")).ShouldBeOk();
        var both = (await player.PostAsync($"{path}/equip-weapon", """{"itemId":"shortsword","offHand":true,"version":7}""")).ShouldBeOk().Body;
        (both["equipment"]!.ToJsonString(), both["attacks"]!.AsArray().Count).ShouldBe(("""{"armor":"plate","mainHand":"dagger","offHand":"shortsword","shield":null}""", 3));
        both["attacks"]![1]!["rangeFeet"]!.ToJsonString().ShouldBe("""{"normal":20,"long":60}""");
    }

    [Fact]
    public async Task A_level_more_leaves_wounds_as_they_were_and_there_is_none_above_20()
    {
        var (player, path) = await server.WithBruenorAsync();
        (await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-4}""")).ShouldBeOk();
        var grown = (await player.PostAsync($"{path}/level-up", """{"version":2}""")).ShouldBeOk().Body;

        // A d10's average is 6, Constitution adds 3, and dwarven toughness 1.
        (grown["level"]!.GetValue<int>(), grown["maximumHitpoints"]!.GetValue<int>(), grown["hitpoints"]!.GetValue<int>()).ShouldBe((2, 24, 20));
        for (var version = 3; version <= 20; version++)
            grown = (await player.PostAsync($"{path}/level-up", $$"""{"version":{{version}}}""")).ShouldBeOk().Body;
        (grown["level"]!.GetValue<int>(), grown["maximumHitpoints"]!.GetValue<int>(), grown["proficiencyBonus"]!.GetValue<int>()).ShouldBe((20, 204, 6));
        (await player.PostAsync($"{path}/level-up", """{"version":21}""")).ShouldBeProblem(422, "MAXIMUM_LEVEL_REACHED");
    }

    [Fact]
    public async Task Coins_come_and_go_all_or_nothing_and_are_exchanged()
    {
        var (player, path) = await server.WithBruenorAsync();
        (await player.PatchAsync($"{path}/currency/modify", """{"sp":25,"gp":3}""")).ShouldBeOk();
        (await player.PatchAsync($"{path}/currency/modify", """{"sp":5,"gp":-4}""")).ShouldBeProblem(422, "NOT_ENOUGH_CURRENCY");
        (await player.PatchAsync($"{path}/currency/exchange", """{"from":"sp","to":"gp","amount":25,"version":2}""")).ShouldBeOk()
            .Body["currency"]!.ToJsonString().ShouldBe("""{"cp":0,"sp":5,"ep":0,"gp":5,"pp":0}""");
        (await player.PatchAsync($"{path}/currency/modify", """{"pp":9223372036854775807}""")).ShouldBeOk();
        (await player.PatchAsync($"{path}/currency/modify", """{"pp":1}""")).ShouldBeProblem(422, "CURRENCY_OVERFLOW");
        (await player.PatchAsync($"{path}/currency/modify", """{"pp":-9223372036854775807,"version":4}""")).ShouldBeOk().Body["currency"]!["pp"]!.GetValue<long>().ShouldBe(0);
    }

    [Theory]
    [InlineData("POST", "equip-armor", """{"itemId":"longsword","version":1}""", 404, "ARMOR_NOT_FOUND")]
    [InlineData("POST", "equip-armor", """{"itemId":"","version":1}""", 404, "ARMOR_NOT_FOUND")]
    [InlineData("POST", "equip-weapon", """{"itemId":"light-saber","version":1}""", 404, "WEAPON_NOT_FOUND")]
    [InlineData("POST", "equip-shield", """{"itemId":"plate","version":1}""", 404, "SHIELD_NOT_FOUND")]
    [InlineData("POST", "equip-weapon", """{"itemId":"longsword","offHand":true,"version":1}""", 422, "LIGHT_WEAPON_NEEDED")]
    [InlineData("POST", "equip-weapon", """{"itemId":"greatsword","offHand":true,"version":1}""", 422, "BOTH_HANDS_NEEDED")]
    [InlineData("POST", "unequip", """{"slot":"armor","version":1}""", 422, "SLOT_EMPTY")]
    [InlineData("PATCH", "currency/modify", """{"gp":-1}""", 422, "NOT_ENOUGH_CURRENCY")]
    [InlineData("PATCH", "currency/exchange", """{"from":"gp","to":"gp","amount":1,"version":1}""", 422, "EXCHANGE_INVALID")]
    [InlineData("PATCH", "currency/exchange", """{"from":"gp","to":"sp","amount":0,"version":1}""", 422, "EXCHANGE_INVALID")]
    [InlineData("PATCH", "currency/exchange", """{"from":"gp","to":"sp","amount":1,"version":1}""", 422, "NOT_ENOUGH_CURRENCY")]
    [InlineData("PATCH", "currency/exchange", """{"from":"zp","to":"sp","amount":1,"version":1}""", 404, "COIN_NOT_FOUND")]
    public async Task What_the_rules_refuse_changes_nothing(string method, string route, string body, int status, string code)
    {
        var (player, path) = await server.WithBruenorAsync();
        (await player.SendAsync(new HttpMethod(method), $"{path}/{route}", body)).ShouldBeProblem(status, code);
        (await player.GetAsync(path)).Version.ShouldBe(1);
    }

    [Theory]
    [InlineData("PATCH", "stats/hitpoints", "{}", "'delta' is missing.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":1.5}""", "'delta' has to be a whole number of 64 bits.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":1.0}""", "'delta' has to be a whole number of 64 bits.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":1e3}""", "'delta' has to be a whole number of 64 bits.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":9223372036854775808}""", "'delta' has to be a whole number of 64 bits.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":"1"}""", "'delta' has to be a whole number of 64 bits.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":null}""", "'delta' has to be a whole number of 64 bits.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":[1]}""", "'delta' has to be a whole number of 64 bits.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":1,"delta":1}""", "'delta' is there twice.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":1,"hitpoints":14}""", "'hitpoints' is not known here.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":1,"version":0}""", "'version' counts from 1.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":1,"version":null}""", "'version' has to be a whole number of 64 bits.")]
    [InlineData("PATCH", "stats/hitpoints", """{"delta":1,"version":1,"version":1}""", "'version' is there twice.")]
    [InlineData("PATCH", "stats/hitpoints", "[]", "The body has to be one JSON object.")]
    [InlineData("POST", "equip-armor", """{"version":1}""", "'itemId' is missing.")]
    [InlineData("POST", "equip-armor", """{"itemId":7,"version":1}""", "'itemId' has to be a text.")]
    [InlineData("POST", "equip-armor", """{"itemId":"\ud800","version":1}""", "'itemId' is no valid Unicode.")]
    [InlineData("POST", "equip-armor", """{"itemId":"a\u0000","version":1}""", "'itemId' has a NUL in it.")]
    [InlineData("POST", "equip-weapon", """{"itemId":"dagger","offHand":"yes","version":1}""", "'offHand' has to be true or false.")]
    [InlineData("POST", "unequip", """{"slot":"foot","version":1}""", "'slot' has to be one of armor, main-hand, off-hand, shield.")]
    [InlineData("PATCH", "currency/modify", """{"zp":1}""", "'zp' is not known here.")]
    [InlineData("PATCH", "currency/exchange", """{"from":"sp","to":"gp","version":1}""", "'amount' is missing.")]
    [InlineData("POST", "level-up", """{"level":20,"version":1}""", "'level' is not known here.")]
    public async Task What_is_no_such_intent_is_refused_with_the_field_at_fault(string method, string route, string body, string detail)
    {
        var (player, path) = await server.WithBruenorAsync();
        (await player.SendAsync(new HttpMethod(method), $"{path}/{route}", body)).ShouldBeProblem(400, "request.invalid").Body["detail"]!.GetValue<string>().ShouldBe(detail);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task No_body_makes_the_server_fail(string method, string route, string good, bool commutes)
    {
        var (player, path) = await server.WithBruenorAsync();
        var deep = string.Concat(Enumerable.Repeat("""{"delta":""", 500)) + "1" + new string('}', 500);
        foreach (var body in new[] { "", "{", "null", "1", "\"x\"", good + "{}", good + "x", deep, """{"\ud800":1}""", "{\"delta\":\u0001}", """{"delta":NaN}""", """{"delta":01}""", """{"delta":1,}""", "{'delta':1}" })
        {
            var answer = await player.SendAsync(new HttpMethod(method), $"{path}/{route}", body);
            answer.Status.ShouldBe(HttpStatusCode.BadRequest, $"{body}: {answer.Text}");
            answer.Code.ShouldBeOneOf("request.invalid", "document.invalid_json");
        }

        (await player.SendAsync(new HttpMethod(method), $"{path}/{route}", good, ("Content-Type", "text/plain"))).ShouldBeProblem(415, "request.unsupported_media_type");
        (await player.SendAsync(new HttpMethod(method), $"{path}/{route}", good + new string(' ', 9 << 10))).ShouldBeProblem(413, "request.body_too_large");
        (await player.SendAsync(new HttpMethod(method), $"{path}/{route}", good, ("If-None-Match", "*"))).ShouldBeProblem(400, "request.invalid");
        (await player.SendAsync(new HttpMethod(method), $"{path}/{route}", good, ("If-Match", "1"))).ShouldBeProblem(400, "request.invalid");
        (await player.GetAsync(path)).Version.ShouldBe(1);
        _ = commutes;
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_version_that_was_seen_decides_in_the_body_and_as_a_header(string method, string route, string good, bool commutes)
    {
        var (player, path) = await server.WithBruenorAsync();
        (await player.PatchAsync($"{path}/currency/modify", """{"sp":30}""")).ShouldBeOk();
        (await player.PostAsync($"{path}/equip-weapon", """{"itemId":"dagger","version":2}""")).ShouldBeOk();
        Task<ProfileAnswer> Ask(long? inBody, params (string, string)[] headers) => player.SendAsync(new HttpMethod(method), $"{path}/{route}", With(good, inBody), headers);

        var (missing, present) = (await Ask(null), (await player.GetAsync(path)).Version);
        if (commutes)
            missing.ShouldBeOk();
        else
            missing.ShouldBeProblem(428, "request.precondition_required");
        present.ShouldBe(commutes ? 4 : 3);
        (await Ask(present, ("If-Match", $"\"{present + 1}\""))).ShouldBeProblem(400, "request.invalid");
        (await Ask(present - 1)).ShouldBeProblem(409, "version.mismatch");
        (await Ask(null, ("If-Match", $"\"{present - 1}\""))).ShouldBeProblem(412, "version.mismatch");
        (await Ask(present - 1, ("If-Match", $"\"{present - 1}\""))).ShouldBeProblem(412, "version.mismatch");
        (await Ask(present, ("If-Match", $"\"{present}\""))).ShouldBeOk().Version.ShouldBe(present + 1);

        // Any would do for the header: what failed is what the body says.
        (await Ask(present, ("If-Match", "*"))).ShouldBeProblem(409, "version.mismatch");
    }

    [Fact]
    public async Task A_header_may_name_several_versions_and_weak_tags_never_match()
    {
        var (player, path) = await server.WithBruenorAsync();
        Task<ProfileAnswer> Ask(string match, string body = """{"delta":-1}""", params (string, string)[] more) => player.PatchAsync($"{path}/stats/hitpoints", body, [("If-Match", match), .. more]);

        // A proxy that compresses answers makes W/"1" of "1".
        foreach (var none in new[] { "W/\"1\"", "W/\"1\", \"7\"", "\"8\", \"7\"", "\"x\"", "\"0\"" })
        {
            var behind = (await Ask(none)).ShouldBeProblem(412, "version.mismatch").Body;
            (behind["character"]!["version"]!.GetValue<int>(), behind["currentVersion"]!.GetValue<int>()).ShouldBe((1, 1), none);
        }

        (await Ask("W/\"1\"")).Body.ContainsKey("expectedVersion").ShouldBeFalse();
        (await Ask("W/\"1\"", """{"delta":-1,"version":1}""")).ShouldBeProblem(412, "version.mismatch");
        foreach (var no in new[] { "1", "\"1", "\"1\", x", "*, \"1\"", "" })
            (await Ask(no)).ShouldBeProblem(400, "request.invalid");
        (await player.GetAsync(path)).Version.ShouldBe(1);

        (await Ask("\"7\", \"1\"")).ShouldBeOk().Version.ShouldBe(2);
        (await Ask("\"1\", W/\"7\",\"2\"", """{"delta":-1,"version":2}""")).ShouldBeOk().Version.ShouldBe(3);
        (await Ask("\"1\", \"3\"", """{"delta":-1,"version":2}""")).ShouldBeProblem(400, "request.invalid");
        (await Ask("\"1\", \"3\"", """{"delta":-1,"version":1}""")).ShouldBeProblem(412, "version.mismatch");

        // A repetition finds the first outcome, though another version is the present one by now.
        foreach (var _ in new[] { "first", "again" })
            (await Ask("\"3\", \"4\"", more: ("Idempotency-Key", "several"))).ShouldBeOk().Version.ShouldBe(4);
        (await Ask("\"4\", \"3\"", more: ("Idempotency-Key", "several"))).ShouldBeProblem(422, "request.reused");
        (await player.DeleteAsync(path, ("If-Match", "W/\"4\", \"9\""))).ShouldBeProblem(412, "version.mismatch");
        foreach (var _ in new[] { "first", "again" })
            (await player.DeleteAsync(path, ("If-Match", "\"4\", \"9\""), ("Idempotency-Key", "gone"))).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_version_that_is_not_the_present_one_is_answered_as_the_design_says()
    {
        var (player, path) = await server.WithBruenorAsync();
        (await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-4}""")).ShouldBeOk();
        var latest = (await player.GetAsync(path)).Body;
        var answer = (await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-4,"version":1}""")).ShouldBeProblem(409, "version.mismatch");
        var body = answer.Body;
        body.Select(member => member.Key).ShouldBe(["error", "character", "type", "status", "code", "detail", "expectedVersion", "currentVersion"]);
        body["error"]!.GetValue<string>().ShouldBe("Version mismatch. Please refresh.");
        JsonNode.DeepEquals(body["character"], latest).ShouldBeTrue(answer.Text);
        (body["character"]!["hitpoints"]!.GetValue<int>(), body["character"]!["version"]!.GetValue<int>()).ShouldBe((10, 2));
        (body["expectedVersion"]!.GetValue<long>(), body["currentVersion"]!.GetValue<long>(), answer.Tag).ShouldBe((1, 2, "\"2\""));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_repetition_with_its_key_has_the_first_outcome(string method, string route, string good, bool commutes)
    {
        var (player, path) = await server.WithBruenorAsync();
        (await player.PatchAsync($"{path}/currency/modify", """{"sp":30}""")).ShouldBeOk();
        (await player.PostAsync($"{path}/equip-weapon", """{"itemId":"dagger","version":2}""")).ShouldBeOk();
        var body = With(good, commutes ? null : 3);
        var first = (await player.SendAsync(new HttpMethod(method), $"{path}/{route}", body, ("Idempotency-Key", "once"))).ShouldBeOk();
        var again = (await player.SendAsync(new HttpMethod(method), $"{path}/{route}", body, ("Idempotency-Key", "once"))).ShouldBeOk();
        (again.Text, again.Tag).ShouldBe((first.Text, "\"4\""));

        // A player gives no reasons, so another one is no other request.
        (await player.SendAsync(new HttpMethod(method), $"{path}/{route}", body, ("Idempotency-Key", "once"), ("Savepoint-Reason", "quest:dragon"))).ShouldBeOk().Text.ShouldBe(first.Text);
        (await player.SendAsync(new HttpMethod(method), $"{path}/{route}", With(good, 4), ("Idempotency-Key", "once"))).ShouldBeProblem(422, "request.reused");
    }

    [Fact]
    public async Task Ids_are_found_in_either_case_and_what_is_no_id_is_no_character()
    {
        var (player, path) = await server.WithBruenorAsync();
        (await player.GetAsync(path.Replace("characters/", "", StringComparison.Ordinal).ToUpperInvariant().Insert(0, "characters/"))).ShouldBeOk();
        foreach (var id in new[] { "bruenor", "a%2Fb", new string('x', 2_000), "{6fa459ea-ee8a-3ca4-894e-db77e160355e}" })
            (await player.GetAsync($"characters/{id}")).ShouldBeProblem(404, "CHARACTER_NOT_FOUND");
    }

    private static string With(string body, long? version)
    {
        if (version is null)
            return body;
        var json = JsonNode.Parse(body)!.AsObject();
        json["version"] = version;
        return json.ToJsonString();
    }
}
