using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Server.Development;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests;

/// <summary>P20 over HTTP and the SDK, against the real server on SQLite.</summary>
public sealed class DataRightsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_is_tagged_by_the_sdk_exported_and_erased_over_http()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        await using var client = await ConnectAsync(server);
        var admin = Admin(server);
        var opened = await client.Store("profile").OpenSessionAsync("hero-1", cancellationToken: Cancelled);
        var profile = opened.ShouldBeOfType<SessionOpenResult<Untyped>.Acquired>().Profile;
        profile["gold"] = 5;
        await profile.AddUserIdAsync("alice", Cancelled);
        await profile.AddUserIdAsync("bob", Cancelled);
        await profile.RemoveUserIdAsync("bob", Cancelled);
        await profile.SaveAsync(Cancelled);
        profile.UserIds.ShouldBe(["alice"]);
        profile["gold"].AsInt64().ShouldBe(5);

        var entities = await admin.GetFromJsonAsync<JsonObject>("/api/v1/users/alice/entities", Cancelled);
        entities!["entities"]!.AsArray().Select(entity => entity!["id"]!.GetValue<string>()).ShouldContain("hero-1");
        var export = await admin.GetFromJsonAsync<JsonObject>("/api/v1/users/alice/export?reason=asked", Cancelled);
        export!["complete"]!.GetValue<bool>().ShouldBeTrue();
        export["entities"]![0]!["document"]!["gold"]!.GetValue<long>().ShouldBe(5);
        export["entities"]![0]!["session"]!["active"]!.GetValue<bool>().ShouldBeTrue();

        var ended = new TaskCompletionSource<SessionEndReason>();
        profile.SessionEnded += end => ended.TrySetResult(end.Reason);
        var erased = await admin.PostAsJsonAsync("/api/v1/users/alice/erase", new { reason = "asked" }, Cancelled);
        erased.StatusCode.ShouldBe(HttpStatusCode.OK);
        var result = (await erased.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
        result["complete"]!.GetValue<bool>().ShouldBeTrue();
        result["erased"]![0]!["id"]!.GetValue<string>().ShouldBe("hero-1");
        (await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancelled)).ShouldBe(SessionEndReason.Removed);
        (await client.Store("profile").ViewAsync("hero-1", cancellationToken: Cancelled)).ShouldBeNull();
        (await Should.ThrowAsync<SavepointException>(() => client.Store("profile").ViewAsync("hero-1", 1, Cancelled))).Code.ShouldBe("entity.version_not_found");

        var audit = await admin.GetFromJsonAsync<JsonObject>("/api/v1/audit?user=alice", Cancelled);
        audit!["entries"]!.AsArray().Select(entry => entry!["action"]!.GetValue<string>()).ShouldBe(["user.export", "user.erase", "user.erased"]);
        audit["entries"]![1]!["actor"]!.GetValue<string>().ShouldStartWith("admin:");
        audit["entries"]![1]!["address"]!.GetValue<string>().ShouldBe("127.0.0.1");
        (await admin.GetFromJsonAsync<JsonObject>("/api/v1/quarantine", Cancelled))!["entities"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bulk_edit_goes_over_all_that_meets_its_conditions()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        await using var client = await ConnectAsync(server);
        var admin = Admin(server);
        for (var i = 0; i < 20; i++)
            await client.MutateAsync("profile", $"p{i}", Set("gold", i), cancellationToken: Cancelled);

        var started = await admin.PostAsJsonAsync(
            "/api/v1/bulk",
            new
            {
                kind = "profile",
                where = new[] { new { path = "gold", op = ">=", value = 10 } },
                operations = new[] { new { op = "increment", path = "gold", by = 100 } },
                reason = "compensation",
                perSecond = 10_000,
            },
            Cancelled);
        started.StatusCode.ShouldBe(HttpStatusCode.Created);
        var id = (await started.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["id"]!.GetValue<string>();
        JsonObject progress;
        do
        {
            await Task.Delay(20, Cancelled);
            progress = (await admin.GetFromJsonAsync<JsonObject>($"/api/v1/bulk/{id}", Cancelled))!;
        }
        while (progress["state"]!.GetValue<string>() != "done");

        (progress["changed"]!.GetValue<long>(), progress["refused"]!.GetValue<long>()).ShouldBe((10, 0));
        for (var i = 0; i < 20; i++)
            (await client.Store("profile").ViewAsync($"p{i}", cancellationToken: Cancelled))!["gold"].AsInt64().ShouldBe(i < 10 ? i : i + 100);
        (await admin.PostAsync($"/api/v1/bulk/{id}/pause", null, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var audit = await admin.GetFromJsonAsync<JsonObject>($"/api/v1/audit?user={id}", Cancelled);
        audit!["entries"]!.AsArray().Select(entry => entry!["action"]!.GetValue<string>()).ShouldBe(["bulk.start", "bulk.done"]);
    }

    [Theory]
    [InlineData("GET", "/api/v1/bulk")]
    [InlineData("GET", "/api/v1/users/alice/export")]
    [InlineData("POST", "/api/v1/users/alice/erase")]
    [InlineData("GET", "/api/v1/users/alice/entities")]
    [InlineData("GET", "/api/v1/audit")]
    [InlineData("GET", "/api/v1/quarantine")]
    public async Task Nobody_but_who_runs_the_game_may(string method, string address)
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        (await Send(null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await Send(TestClient.Secret)).ShouldBe(HttpStatusCode.Forbidden);
        (await Send(await server.DevelopmentTokenAsync("alice"))).ShouldBe(HttpStatusCode.Forbidden);

        async Task<HttpStatusCode> Send(string? secret)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), address);
            request.Headers.Authorization = secret is null ? null : new AuthenticationHeaderValue("Bearer", secret);
            if (method == "POST")
                request.Content = JsonContent.Create(new { reason = "asked" });
            return (await server.Http.SendAsync(request, Cancelled)).StatusCode;
        }
    }

    [Fact]
    public async Task An_erasure_needs_a_reason()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        (await Admin(server).PostAsJsonAsync("/api/v1/users/alice/erase", new { }, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Admin(server).GetFromJsonAsync<JsonObject>("/api/v1/audit", Cancelled))!["entries"]!.AsArray().ShouldBeEmpty();
    }

    private static Task<SavepointClient> ConnectAsync(RunningServer server) => SavepointClient.ConnectAsync(
        new SavepointClientOptions { Endpoint = server.StreamAddress, Credentials = new GameServerCredentials("eu-1", TestClient.Secret) }, Cancelled);

    private static byte[] Set(string path, long value)
    {
        var delta = new DeltaWriter();
        delta.Set(path, value);
        return delta.ToArray();
    }

    private static HttpClient Admin(RunningServer server)
    {
        var keys = server.App.Services.GetRequiredService<DevelopmentKeys>();
        var http = new HttpClient { BaseAddress = server.Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", keys.AdminSecret);
        return http;
    }
}
