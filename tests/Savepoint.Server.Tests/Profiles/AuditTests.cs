using System.Text.Json.Nodes;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Profiles;

/// <summary>What people and services do to the profiles of others is written down, in the commit that does it.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task A_rollback_is_written_down_with_who_did_it_from_where_and_why()
    {
        await using var server = await ProfileApi.StartAsync();
        var admin = ProfileApi.Of(server, ProfileApi.AdminSecret);
        await admin.CreateAsync("alice", """{"gold":1}""");
        await admin.DeleteAsync("profiles/alice");
        for (var i = 0; i < 2; i++)
            (await admin.PostAsync("profiles/alice/rollback", """{"version":1,"reason":"support:7"}""", ("Idempotency-Key", "x"))).ShouldBeOk().Version.ShouldBe(3);
        var entry = (await EntriesAsync(admin, "alice")).ShouldHaveSingleItem();
        (Text(entry, "actor"), Text(entry, "action"), Text(entry, "target")).ShouldBe(("admin:root", "entity.rollback", "profile/alice"));
        (Text(entry, "address"), Text(entry, "reason")).ShouldBe(("127.0.0.1", "support:7"));
        entry["after"]!["restoredVersion"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task Rollbacks_in_batches_and_transactions_are_written_down_too()
    {
        await using var server = await ProfileApi.StartAsync();
        var shop = ProfileApi.Of(server);
        await shop.CreateAsync("alice", """{"gold":1}""");
        await shop.CreateAsync("bob", """{"gold":1}""");
        (await shop.PostAsync("profiles/batch", """{"parts":[{"id":"alice","restoreVersion":1},{"id":"bob","remove":true}]}""")).ResultsOf(2).ShouldBe(["2", "2"]);
        (await shop.PostAsync("transactions", """{"mutations":[{"id":"bob","restoreVersion":1},{"id":"alice","restoreVersion":1}]}""")).ShouldBeOk().Text.ShouldBe("""{"versions":[3,3]}""");
        var admin = ProfileApi.Of(server, ProfileApi.AdminSecret);
        (await EntriesAsync(admin, "alice")).Select(entry => $"{Text(entry, "actor")} {Text(entry, "action")}").ShouldBe(["service:shop entity.rollback", "service:shop entity.rollback"]);
        (await EntriesAsync(admin, "bob")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_rollback_that_is_refused_or_one_of_a_game_server_is_not_written_down()
    {
        await using var server = await ProfileApi.StartAsync();
        var admin = ProfileApi.Of(server, ProfileApi.AdminSecret);
        await admin.CreateAsync("alice", """{"gold":1}""");
        (await admin.PostAsync("profiles/alice/rollback", """{"version":1,"expectedVersion":7}""")).ShouldBeProblem(409, "version.mismatch");
        (await admin.PostAsync("profiles/alice/rollback", """{"version":9}""")).ShouldBeProblem(404, "entity.version_not_found");
        (await ProfileApi.Of(server, TestClient.Secret).PostAsync("profiles/alice/rollback", """{"version":1}""")).ShouldBeOk();
        (await EntriesAsync(admin, "alice")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_session_that_an_admin_ends_is_written_down()
    {
        await using var server = await ProfileApi.StartAsync();
        var admin = ProfileApi.Of(server, ProfileApi.AdminSecret);
        (await admin.DeleteAsync("profiles/alice/session")).ShouldBeOk();
        (await EntriesAsync(admin, "alice")).ShouldBeEmpty();
        await using var holder = await server.ConnectAsync(TestClient.AsGameServer());
        await holder.OpenAsync("alice");
        (await admin.DeleteAsync("profiles/alice/session", ("Savepoint-Reason", "cheating"))).ShouldBeOk().Body["ended"]!.GetValue<bool>().ShouldBeTrue();
        var entry = (await EntriesAsync(admin, "alice")).ShouldHaveSingleItem();
        (Text(entry, "actor"), Text(entry, "action"), Text(entry, "target"), Text(entry, "reason")).ShouldBe(("admin:root", "session.end", "profile/alice", "cheating"));
    }

    private static async Task<IReadOnlyList<JsonObject>> EntriesAsync(ProfileApi admin, string user) =>
        [.. (await admin.GetAsync($"audit?user={user}")).ShouldBeOk().Body["entries"]!.AsArray().Select(entry => entry!.AsObject())];

    private static string? Text(JsonObject entry, string name) => entry[name]?.GetValue<string>();
}
