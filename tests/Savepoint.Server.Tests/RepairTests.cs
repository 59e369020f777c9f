using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Protocol;
using Savepoint.Server.Development;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests;

/// <summary>P9: from damaged bytes in the database to a profile that is served again, over HTTP.</summary>
public sealed class RepairTests : IDisposable
{
    private static readonly string[] Args = ["--dev", "--Savepoint:Store=Sqlite"];

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("savepoint-test-");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task A_profile_whose_bytes_are_damaged_is_brought_back_once_and_stays()
    {
        await DamageAsync();
        await using (var server = await RunningServer.StartAsync(_data, Args))
        {
            await using var game = await ConnectAsync(server);
            (await Should.ThrowAsync<SavepointException>(() => ViewAsync(game))).Code.ShouldBe(ErrorCodes.Quarantined);
            var listed = (await Admin(server).GetFromJsonAsync<JsonObject>("/api/v1/quarantine", Cancelled))!["entities"]!.AsArray().ShouldHaveSingleItem();
            (listed!["kind"]!.GetValue<string>(), listed["id"]!.GetValue<string>(), listed["version"]!.GetValue<long>()).ShouldBe(("profile", "alice", 2));

            for (var i = 0; i < 2; i++)
            {
                using var answer = await RepairAsync(server, new { newest = true, reason = "disk" }, "repair-1");
                answer.StatusCode.ShouldBe(HttpStatusCode.OK);
                (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["version"]!.GetValue<long>().ShouldBe(3);
            }

            (await ViewAsync(game))["gold"].AsInt64().ShouldBe(8);
            using var second = await RepairAsync(server, new { version = 1, reason = "disk" });
            second.StatusCode.ShouldBe(HttpStatusCode.BadRequest, "there is nothing to repair any more");
            await AuditedAsync(server, "newest");
        }

        await using var again = await RunningServer.StartAsync(_data, Args);
        await using var other = await ConnectAsync(again);
        (await ViewAsync(other))["gold"].AsInt64().ShouldBe(8);
        (await Admin(again).GetFromJsonAsync<JsonObject>("/api/v1/quarantine", Cancelled))!["entities"]!.AsArray().ShouldBeEmpty();
        await AuditedAsync(again, "newest");
    }

    [Fact]
    public async Task A_given_document_takes_the_place_of_what_cannot_be_read()
    {
        await DamageAsync();
        await using var server = await RunningServer.StartAsync(_data, Args);
        using var unclear = await RepairAsync(server, new { version = 1, document = new { gold = 1 }, reason = "disk" });
        unclear.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var stale = await RepairAsync(server, new { document = new { gold = 100 }, expectedVersion = 1, reason = "disk" });
        stale.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        using var answer = await RepairAsync(server, new { document = new { gold = 100 }, expectedVersion = 2, reason = "disk" });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await using var game = await ConnectAsync(server);
        (await ViewAsync(game))["gold"].AsInt64().ShouldBe(100);
        await AuditedAsync(server, "document");
    }

    [Fact]
    public async Task Only_an_admin_repairs()
    {
        await DamageAsync();
        await using var server = await RunningServer.StartAsync(_data, Args);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/quarantine/profile/alice/repair") { Content = JsonContent.Create(new { newest = true, reason = "disk" }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestClient.Secret);
        (await server.Http.SendAsync(request, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await using var game = await ConnectAsync(server);
        (await Should.ThrowAsync<SavepointException>(() => ViewAsync(game))).Code.ShouldBe(ErrorCodes.Quarantined);
    }

    private static async Task AuditedAsync(RunningServer server, string with)
    {
        var audit = await Admin(server).GetFromJsonAsync<JsonObject>("/api/v1/audit?user=alice", Cancelled);
        var entry = audit!["entries"]!.AsArray().ShouldHaveSingleItem()!;
        (entry["action"]!.GetValue<string>(), entry["target"]!.GetValue<string>(), entry["reason"]!.GetValue<string>(), entry["after"]!["with"]!.GetValue<string>())
            .ShouldBe(("entity.repair", "profile/alice", "disk", with));
    }

    private static async Task<HttpResponseMessage> RepairAsync(RunningServer server, object body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/quarantine/profile/alice/repair") { Content = JsonContent.Create(body) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await Admin(server).SendAsync(request, Cancelled);
    }

    private static async Task<ProfileView<Untyped>> ViewAsync(SavepointClient game) => (await game.Store("profile").ViewAsync("alice", cancellationToken: Cancelled))!;

    private static Task<SavepointClient> ConnectAsync(RunningServer server) => SavepointClient.ConnectAsync(
        new SavepointClientOptions { Endpoint = server.StreamAddress, Credentials = new GameServerCredentials("eu-1", TestClient.Secret) }, Cancelled);

    private static HttpClient Admin(RunningServer server)
    {
        var http = new HttpClient { BaseAddress = server.Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.App.Services.GetRequiredService<DevelopmentKeys>().AdminSecret);
        return http;
    }

    private async Task DamageAsync()
    {
        await using (var server = await RunningServer.StartAsync(_data, Args))
        {
            await using var game = await ConnectAsync(server);
            for (var gold = 7L; gold <= 8; gold++)
                await game.TransactAsync(unit => unit.Change("profile", "alice", delta => delta.Set("gold", gold)), cancellationToken: Cancelled);
        }

        StoredEntities.Damage(_data, "profile", "alice");
    }
}
