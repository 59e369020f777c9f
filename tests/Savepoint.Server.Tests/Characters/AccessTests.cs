using System.Net;
using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Protocol.Messages;
using Savepoint.Server.Tests.Profiles;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Characters;

public sealed class AccessTests(CharacterServer server) : IClassFixture<CharacterServer>
{
    // As docs/reference/characters-api.md shows it.
    private static readonly string[] OwnRules =
    [
        .. ProfileApi.Keys, "--dev", "--store", "memory",
        "--Savepoint:Permissions:character:Paths:0:Path=", "--Savepoint:Permissions:character:Paths:0:Writers=None",
        "--Savepoint:Permissions:character:Senders=None", "--Savepoint:Permissions:character:Holders=None",
        "--Savepoint:Permissions:character:Intents:0:Name=make", "--Savepoint:Permissions:character:Intents:0:Roles=None",
        "--Savepoint:Permissions:character:Intents:1:Name=create", "--Savepoint:Permissions:character:Intents:1:Roles=Player,Backend",
        "--Savepoint:Permissions:character:Intents:2:Name=stats.hitpoints", "--Savepoint:Permissions:character:Intents:2:Roles=Player,Backend",
        "--Savepoint:Permissions:character:Intents:3:Name=currency.modify", "--Savepoint:Permissions:character:Intents:3:Roles=GameServer",
    ];

    public static TheoryData<string, string, string?> Routes =>
    [
        new TheoryDataRow<string, string, string?>("GET", "", null),
        new TheoryDataRow<string, string, string?>("DELETE", "?version=1", null),
        .. StockIntents.All.Select(intent => new TheoryDataRow<string, string, string?>(intent.Method, intent.Route, StockIntents.ExampleOf(intent, version: 1))),
    ];

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Nobody_reaches_anothers_character_nor_learns_whether_there_is_one(string method, string route, string? body)
    {
        var (owner, path) = await server.WithBruenorAsync();
        var other = await server.PlayerAsync();
        (await other.SendAsync(new HttpMethod(method), path + route, body)).ShouldBeProblem(403, "auth.forbidden");
        (await ProfileApi.Of(server.Server, null).SendAsync(new HttpMethod(method), path + route, body)).ShouldBeProblem(401, "auth.unauthenticated");
        (await ProfileApi.Of(server.Server, "forged").SendAsync(new HttpMethod(method), path + route, body)).ShouldBeProblem(401, "auth.unauthenticated");
        (await owner.GetAsync(path)).Version.ShouldBe(1);

        // The same for one that was never there: the id tells whose it would be.
        (await owner.DeleteAsync($"{path}?version=1")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await other.SendAsync(new HttpMethod(method), path + route, body)).ShouldBeProblem(403, "auth.forbidden");
    }

    [Fact]
    public async Task A_player_names_nobody_else()
    {
        var user = CharacterServer.NewUser();
        var (owner, path) = await server.WithBruenorAsync(user);
        var other = await server.PlayerAsync();
        (await other.GetAsync($"{path}?user={user}")).ShouldBeProblem(403, "auth.forbidden");
        (await other.GetAsync($"characters?user={user}")).ShouldBeProblem(403, "auth.forbidden");
        (await other.PostAsync($"characters?user={user}", CharacterServer.Bruenor)).ShouldBeProblem(403, "auth.forbidden");
        (await owner.GetAsync($"{path}?user={user}")).ShouldBeOk();
        (await owner.GetAsync($"{path}?user={user}&user=bob")).ShouldBeProblem(400, "request.invalid");
    }

    [Theory]
    [InlineData(TestClient.Secret)]
    [InlineData(ProfileApi.ShopSecret)]
    [InlineData(ProfileApi.AdminSecret)]
    public async Task Servers_services_and_admins_name_the_user_and_may_do_all_that_players_may(string secret)
    {
        var (api, user) = (ProfileApi.Of(server.Server, secret), CharacterServer.NewUser());
        (await api.GetAsync("characters")).ShouldBeProblem(400, "request.invalid");
        var made = await api.PostAsync($"characters?user={user}", CharacterServer.Bruenor);
        made.Status.ShouldBe(HttpStatusCode.Created, made.Text);
        var path = made.Headers["Location"]["/api/v1/".Length..];
        path.ShouldEndWith($"?user={user}");
        (await api.GetAsync(path)).Text.ShouldBe(made.Text);
        var change = path.Replace("?", "/stats/hitpoints?", StringComparison.Ordinal);
        (await api.PatchAsync(change, """{"delta":-1}""")).ShouldBeOk().Version.ShouldBe(2);
        (await api.GetAsync(path.Replace(user, "somebody", StringComparison.Ordinal))).ShouldBeProblem(404, "CHARACTER_NOT_FOUND");
        (await api.GetAsync($"characters?user={user}")).Body["characters"]!.AsArray().Count.ShouldBe(1);
        (await (await server.PlayerAsync(user)).GetAsync(path)).Version.ShouldBe(2);
        (await api.DeleteAsync($"{path}&version=2")).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Support_reads_everything_and_changes_nothing()
    {
        var user = CharacterServer.NewUser();
        var (_, path) = await server.WithBruenorAsync(user);
        var support = ProfileApi.Of(server.Server, ProfileApi.SupportSecret);
        (await support.GetAsync($"{path}?user={user}")).ShouldBeOk();
        (await support.GetAsync($"characters?user={user}")).ShouldBeOk();
        (await support.PatchAsync($"{path}/stats/hitpoints?user={user}", """{"delta":-1}""")).ShouldBeProblem(403, "auth.forbidden");
        (await support.PostAsync($"characters?user={user}", CharacterServer.Bruenor)).ShouldBeProblem(403, "auth.forbidden");
        (await support.DeleteAsync($"{path}?user={user}&version=1")).ShouldBeProblem(403, "auth.forbidden");
    }

    [Theory]
    [InlineData(TestClient.Secret)]
    [InlineData(ProfileApi.ShopSecret)]
    [InlineData(null)]
    public async Task Nobody_writes_to_rosters_or_characters_but_by_intents(string? secret)
    {
        var user = CharacterServer.NewUser();
        var (player, path) = await server.WithBruenorAsync(user);
        var api = secret is null ? player : ProfileApi.Of(server.Server, secret);
        (await player.GetAsync($"profiles/{user}?kind=roster")).ShouldBeOk().Body["document"]!["names"]!["bruenor"]!.GetValue<string>().ShouldBe(path["characters/".Length..]);
        (await api.PatchAsync($"profiles/{user}?kind=roster", """{"operations":[{"op":"set","path":"names.evil","value":"x"}]}""")).ShouldBeProblem(403, "auth.forbidden");
        (await api.PostAsync($"profiles/{user}/intents/add?kind=roster", """{"arguments":{"name":"evil","id":"x"}}""")).ShouldBeProblem(403, "auth.forbidden");
        (await api.DeleteAsync($"profiles/{user}?kind=roster", ("If-Match", "*"))).ShouldBeProblem(403, "auth.forbidden");

        var key = $"{user}:{path["characters/".Length..]}";
        foreach (var part in new[]
        {
            """ "operations":[{"op":"set","path":"level","value":20}] """, """ "intent":"make","arguments":{"name":"Evil"} """, """ "remove":true """, """ "restoreVersion":1 """,
            """ "message":{"a":1} """,
        })
        {
            (await api.PostAsync("transactions", $$"""{"mutations":[{"kind":"character","id":"{{key}}",{{part}}}]}""")).ShouldBeProblem(403, "auth.forbidden");
        }
    }

    [Fact]
    public async Task The_owner_reads_the_document_and_asks_for_intents_over_the_stream_too()
    {
        var user = CharacterServer.NewUser();
        var (player, path) = await server.WithBruenorAsync(user);
        var key = $"{user}:{path["characters/".Length..]}";
        await using var stream = await server.Server.ConnectAsync(new Hello { PlayerToken = await server.Server.DevelopmentTokenAsync(user) });
        var read = (await stream.AskAsync(new ClientMessage { Get = new Get { Kind = "character", Id = key } })).Snapshot;
        DocumentJson.ToText(Document.Decode(read.Document.Span)).ShouldBe("""
            {"$$template":1,"abilities":{"charisma":10,"constitution":16,"dexterity":13,"intelligence":8,"strength":15,"wisdom":13},"class":"fighter","currency":{"cp":0,"ep":0,"gp":0,"pp":0,"sp":0},"equipment":{},"hitpoints":14,"level":1,"name":"Bruenor","race":"dwarf","subrace":"hill-dwarf"}
            """);

        (await stream.AskAsync(Ask(key, "stats.hitpoints", new MapBuilder { { "delta", -4 } }))).UnitCommitted.ShouldNotBeNull();
        (await stream.AskAsync(Ask(key, "equip-armor", new MapBuilder { { "itemId", "plate" } }))).UnitCommitted.ShouldNotBeNull();
        var now = (await player.GetAsync(path)).Body;
        (now["hitpoints"]!.GetValue<int>(), now["armorClass"]!.GetValue<int>(), now["version"]!.GetValue<int>()).ShouldBe((10, 18, 3));

        (await stream.AskAsync(Ask(key, "equip-armor", new MapBuilder { { "itemId", "tin-foil" } }))).Error.Code.ShouldBe("ARMOR_NOT_FOUND");
        foreach (var wrong in new[] { [], new MapBuilder { { "delta", "x" } }, new MapBuilder { { "delta", 1.5 } }, new MapBuilder { { "delta", 1 }, { "level", 20 } } })
            (await stream.AskAsync(Ask(key, "stats.hitpoints", wrong))).Error.Code.ShouldBe("ARGUMENTS_INVALID");

        // An intent makes no character, and only this module may.
        (await stream.AskAsync(Ask($"{user}:none", "stats.hitpoints", new MapBuilder { { "delta", 1 } }))).Error.Code.ShouldBe("CHARACTER_NOT_FOUND");
        (await stream.AskAsync(Ask($"{user}:none", "make", new MapBuilder { { "name", "Evil" } }))).Error.Code.ShouldBe("auth.forbidden");
        (await player.GetAsync(path)).Version.ShouldBe(3);
    }

    [Fact]
    public async Task Over_the_stream_nobody_reaches_anothers_character_either()
    {
        var user = CharacterServer.NewUser();
        var (player, path) = await server.WithBruenorAsync(user);
        var key = $"{user}:{path["characters/".Length..]}";
        await using var stream = await server.Server.ConnectAsync(new Hello { PlayerToken = await server.Server.DevelopmentTokenAsync(CharacterServer.NewUser()) });

        (await stream.AskAsync(new ClientMessage { Get = new Get { Kind = "character", Id = key } })).Error.Code.ShouldBe("auth.forbidden");
        (await stream.AskAsync(Ask(key, "stats.hitpoints", new MapBuilder { { "delta", -4 } }))).Error.Code.ShouldBe("auth.forbidden");
        (await player.GetAsync(path)).Version.ShouldBe(1);
    }

    [Fact]
    public async Task A_game_takes_an_intent_from_players_by_its_settings()
    {
        await using var game = await RunningServer.StartAsync(null, OwnRules);
        var player = ProfileApi.Of(game, await game.DevelopmentTokenAsync("alice"));
        var path = await CharacterServer.CreateAsync(player);
        (await player.PatchAsync($"{path}/currency/modify", """{"gp":1000}""")).ShouldBeProblem(403, "auth.forbidden");
        (await player.DeleteAsync($"{path}?version=1")).ShouldBeProblem(403, "auth.forbidden");
        (await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-1}""")).ShouldBeOk();
        (await ProfileApi.Of(game).PatchAsync($"{path}/currency/modify?user=alice", """{"gp":1000}""")).ShouldBeProblem(403, "auth.forbidden");
        (await ProfileApi.Of(game, TestClient.Secret).PatchAsync($"{path}/currency/modify?user=alice", """{"gp":10}""")).ShouldBeOk();
    }

    [Fact]
    public async Task What_a_player_may_not_see_is_left_out_of_the_answer_to_an_intent_and_stays_in_the_character()
    {
        await using var game = await RunningServer.StartAsync(
            null, [.. OwnRules, "--Savepoint:Permissions:character:Paths:1:Path=currency", "--Savepoint:Permissions:character:Paths:1:Readers=GameServer"]);
        var (player, gameServer) = (ProfileApi.Of(game, await game.DevelopmentTokenAsync("alice")), ProfileApi.Of(game, TestClient.Secret));
        var path = await CharacterServer.CreateAsync(player);
        var given = await gameServer.PatchAsync($"{path}/currency/modify?user=alice", """{"gp":10}""");
        given.Body["currency"]!["gp"]!.GetValue<long>().ShouldBe(10);

        var hurt = await player.PatchAsync($"{path}/stats/hitpoints", """{"delta":-1}""");

        hurt.ShouldBeOk();
        hurt.Body["currency"]!["gp"]!.GetValue<long>().ShouldBe(0);
        (await gameServer.GetAsync($"{path}?user=alice")).Body["currency"]!["gp"]!.GetValue<long>().ShouldBe(10);
    }

    private static ClientMessage Ask(string id, string intent, MapBuilder arguments) => Requests.Unit(new Mutation
    {
        Kind = "character",
        Id = id,
        Intent = new Intent { Name = intent, Arguments = ByteString.CopyFrom(new Document(arguments.Build()).ToBytes()) },
    });
}
