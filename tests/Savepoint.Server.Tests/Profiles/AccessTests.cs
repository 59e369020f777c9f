using System.Net;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Profiles;

public sealed class AccessTests
{
    private const string Add = """{"operations":[{"op":"increment","path":"currency.gold","by":1}]}""";

    private static readonly string[] Rules =
    [
        "--Savepoint:Permissions:profile:Paths:0:Path=currency", "--Savepoint:Permissions:profile:Paths:0:WriteLevel=5",
        "--Savepoint:Permissions:profile:Paths:1:Path=secret", "--Savepoint:Permissions:profile:Paths:1:Readers=Backend",
        "--Savepoint:Permissions:profile:Paths:2:Path=settings", "--Savepoint:Permissions:profile:Paths:2:Writers=Backend, Player",
    ];

    [Theory]
    [InlineData(null, "Bearer")]
    [InlineData("wrong-wrong-wrong-wrong", "Bearer error=\"invalid_token\"")]
    public async Task Without_valid_credentials_nothing_is_answered(string? secret, string challenge)
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server, secret);
        foreach (var answer in new[] { await api.GetAsync("profiles/alice"), await api.PatchAsync("profiles/alice", Add), await api.PostAsync("transactions", "{}"), await api.DeleteAsync("profiles/alice/session") })
            answer.ShouldBeProblem(401, "auth.unauthenticated").Headers["WWW-Authenticate"].ShouldBe(challenge);
    }

    [Fact]
    public async Task A_name_that_can_not_be_one_is_not_taken()
    {
        await using var server = await ProfileApi.StartAsync();
        (await ProfileApi.Of(server).GetAsync("profiles/alice", ("Savepoint-Name", new string('x', 65)))).ShouldBeProblem(401, "auth.unauthenticated");
    }

    [Fact]
    public async Task Support_reads_everything_and_changes_nothing()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        var support = ProfileApi.Of(server, ProfileApi.SupportSecret);
        (await support.GetAsync("profiles/alice")).ShouldBeOk();
        (await support.GetAsync("profiles/alice?version=1")).ShouldBeOk();
        (await support.GetAsync("profiles/alice/versions")).ShouldBeOk();
        foreach (var answer in new[]
        {
            await support.PatchAsync("profiles/alice", Add),
            await support.PutAsync("profiles/alice", """{"document":{}}""", ("If-Match", "\"1\"")),
            await support.DeleteAsync("profiles/alice"),
            await support.PostAsync("profiles/alice/rollback", """{"version":1}"""),
            await support.PostAsync("profiles/alice/messages", """{"message":{}}"""),
            await support.PostAsync("profiles/alice/purchases", """{"purchaseId":"x","operations":[]}"""),
            await support.PostAsync("profiles/alice/intents/x", "{}"),
            await support.PostAsync("transactions", """{"mutations":[{"id":"alice","remove":true}]}"""),
        })
            answer.ShouldBeProblem(403, "auth.forbidden");
        (await support.PostAsync("profiles/batch", """{"parts":[{"id":"alice","remove":true}]}""")).ResultsOf(1).ShouldBe(["auth.forbidden"]);
        (await api.GetAsync("profiles/alice")).Version.ShouldBe(1);
    }

    [Fact]
    public async Task Configured_permissions_hold_and_a_refused_path_is_named()
    {
        await using var server = await ProfileApi.StartAsync(Rules);
        var (shop, trusted) = (ProfileApi.Of(server), ProfileApi.Of(server, ProfileApi.TrustedSecret));
        await trusted.CreateAsync("alice", """{"currency":{"gold":1},"xp":1}""");
        (await shop.PatchAsync("profiles/alice", Add)).ShouldBeProblem(403, "auth.forbidden").Body["path"]!.GetValue<string>().ShouldBe("currency.gold");
        (await shop.DeleteAsync("profiles/alice")).ShouldBeProblem(403, "auth.forbidden").Body["path"]!.GetValue<string>().ShouldBe("currency");
        (await shop.PostAsync("profiles/alice/rollback", """{"version":1}""")).ShouldBeProblem(403, "auth.forbidden");
        (await shop.PutAsync("profiles/alice", """{"document":{"xp":2}}""", ("If-Match", "\"1\""))).ShouldBeProblem(403, "auth.forbidden");

        // Who replaces a document and leaves the protected part as it is needs no right to it.
        (await shop.PutAsync("profiles/alice", """{"document":{"currency":{"gold":1},"xp":2}}""", ("If-Match", "\"1\""))).ShouldBeOk();
        (await trusted.PatchAsync("profiles/alice", Add)).ShouldBeOk();
        (await ProfileApi.Of(server, ProfileApi.AdminSecret).DeleteAsync("profiles/alice")).ShouldBeOk();
    }

    [Fact]
    public async Task A_player_reads_what_it_may_see_of_its_own_profile_and_writes_its_settings()
    {
        await using var server = await ProfileApi.StartAsync([.. Rules, "--dev"]);
        await ProfileApi.Of(server, ProfileApi.TrustedSecret).CreateAsync("alice", """{"currency":{"gold":1},"secret":{"x":1}}""");
        var alice = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        (await alice.DocumentAsync("alice")).ShouldBe("""{"currency":{"gold":1}}""");
        (await alice.GetAsync("profiles/alice?path=secret.x")).ShouldBeProblem(404, "document.path_not_found");
        (await alice.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"settings.volume","value":3}]}""")).ShouldBeOk();
        (await alice.PatchAsync("profiles/alice", Add)).ShouldBeProblem(403, "auth.forbidden").Body["path"]!.GetValue<string>().ShouldBe("currency.gold");
        var behind = (await alice.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"settings.volume","value":4}]}""", ("If-Match", "\"1\""))).ShouldBeProblem(412, "version.mismatch");
        behind.Body["current"]!["document"]!.ToJsonString().ShouldBe("""{"currency":{"gold":1},"settings":{"volume":3}}""");
        foreach (var answer in new[]
        {
            await alice.GetAsync("profiles/bob"), await alice.GetAsync("profiles/alice/versions"), await alice.GetAsync("profiles/alice?version=1"),
            await alice.GetAsync("profiles/alice/session"), await alice.DeleteAsync("profiles/alice"), await alice.PostAsync("profiles/alice/messages", """{"message":{}}"""),
        })
            answer.ShouldBeProblem(403, "auth.forbidden");
    }

    [Fact]
    public async Task In_development_an_admin_has_a_key_of_its_own()
    {
        await using var server = await ProfileApi.StartAsync("--dev");
        var admin = ProfileApi.Of(server, (await File.ReadAllTextAsync(Path.Combine(server.DataPath, "dev", "admin-secret"), TestContext.Current.CancellationToken)).Trim());
        await admin.CreateAsync("alice", "{}");
        (await admin.DeleteAsync("profiles/alice/session")).ShouldBeOk();
        (await admin.GetAsync("profiles/alice/versions")).Body["versions"]![0]!["actor"]!.GetValue<string>().ShouldBe("admin:dev");
    }

    [Fact]
    public async Task Game_servers_use_the_API_as_well()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server, TestClient.Secret);
        (await api.PutAsync("profiles/alice", """{"document":{}}""", ("If-None-Match", "*"), ("Savepoint-Name", "eu-1"))).Status.ShouldBe(HttpStatusCode.Created);
        (await api.GetAsync("profiles/alice/versions")).Body["versions"]![0]!["actor"]!.GetValue<string>().ShouldBe("server:eu-1");
    }

    [Fact]
    public async Task Nothing_of_the_inside_shows()
    {
        await using var server = await ProfileApi.StartAsync();
        var answer = await ProfileApi.Of(server).PatchAsync("profiles/alice", "\u0000");
        answer.ShouldBeProblem(400, "document.invalid_json");
        answer.Text.ShouldNotContain("Savepoint.");
        answer.Text.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_player_sends_less_at_once_than_a_service_does()
    {
        await using var server = await RunningServer.StartAsync(null, [.. ProfileApi.Keys, "--dev", "--store", "memory"]);
        var body = $$$"""{"parts":[{"id":"alice","message":{"x":"{{{new string('x', 1 << 20)}}}"}}]}""";
        var player = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        (await player.PostAsync("profiles/batch", body, ("Expect", "100-continue"))).ShouldBeProblem(413, "request.body_too_large");
        (await ProfileApi.Of(server).PostAsync("profiles/batch", body)).ShouldBeOk();
    }
}
