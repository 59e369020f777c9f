using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Hosting;
using Savepoint.Hosting.Tokens;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Tokens;

/// <summary>C1: tokens of the real server: their keys, their login sessions, and what a restart does to them.</summary>
public sealed class LoginSessionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_login_session_that_has_ended_is_refused_at_once_though_its_token_is_known()
    {
        var logins = new TestLogins();
        await using var server = await StartAsync(logins);
        var (phone, tablet) = (Issue(server, "phone"), Issue(server, "tablet"));
        foreach (var token in new[] { phone, tablet, phone })
            (await GetAsync(server, token)).StatusCode.ShouldBe(HttpStatusCode.NotFound, "there is no such profile, and alice may know");
        logins.End("phone");
        using var refused = await GetAsync(server, phone);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        refused.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer error=\"invalid_token\"");
        (await GetAsync(server, tablet)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Where_nobody_can_say_whether_it_is_open_the_player_may_try_again()
    {
        var logins = new TestLogins { IsUnavailable = true };
        await using var server = await StartAsync(logins);
        using var answer = await GetAsync(server, Issue(server, "phone"));
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!["code"]!.GetValue<string>().ShouldBe(ErrorCodes.Unavailable);
    }

    [Fact]
    public async Task Without_accounts_no_token_that_names_a_login_session_is_accepted()
    {
        await using var server = await RunningServer.StartAsync(
            builder => builder.Services.AddSingleton<ILoginSessions>(NoLoginSessions.Instance), "--store", "memory", "--dev");
        (await GetAsync(server, Issue(server, "phone"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await GetAsync(server, await server.DevelopmentTokenAsync("alice"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_stream_ends_with_its_login_session()
    {
        var logins = new TestLogins();
        await using var server = await StartAsync(logins);
        await using var client = await server.ConnectAsync(new Hello { PlayerToken = Issue(server, "phone") });
        logins.End("phone");
        (await client.UntilClosedAsync())[^1].Error.Code.ShouldBe(ErrorCodes.LoginEnded);
    }

    [Fact]
    public async Task Tokens_and_keys_outlive_a_restart_and_another_generation_ends_them()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        try
        {
            string token, keys;
            await using (var server = await RunningServer.StartAsync(data, [], Logins))
                (token, keys) = (Issue(server, "phone"), await server.Http.GetStringAsync("/.well-known/jwks.json", Cancelled));
            await using (var server = await RunningServer.StartAsync(data, [], Logins))
            {
                (await GetAsync(server, token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
                (await server.Http.GetStringAsync("/.well-known/jwks.json", Cancelled)).ShouldBe(keys);
            }

            await using (var server = await RunningServer.StartAsync(data, ["--Savepoint:Accounts:KeyGeneration=1"], Logins))
                (await GetAsync(server, token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }
        finally
        {
            data.Delete(recursive: true);
        }

        static void Logins(SavepointBuilder savepoint) => savepoint.Services.AddSingleton<ILoginSessions>(new TestLogins());
    }

    [Fact]
    public async Task Whoever_has_the_published_keys_can_check_a_token_and_may_keep_them_for_an_hour()
    {
        await using var server = await StartAsync(new TestLogins());
        using var answer = await server.Http.GetAsync("/.well-known/jwks.json", Cancelled);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/jwk-set+json");
        answer.Headers.CacheControl!.ToString().ShouldBe("public, max-age=3600");
        var json = await answer.Content.ReadAsByteArrayAsync(Cancelled);
        JsonNode.Parse(json)!["keys"]!.AsArray().Count.ShouldBe(3);
        JsonNode.Parse(json)!["keys"]!.AsArray().ShouldAllBe(key => key!["d"] == null);
        using var metrics = new TokenMetrics();
        var elsewhere = new PlayerTokens([TrustedIssuer.Elsewhere("savepoint", "savepoint", json, TimeSpan.Zero)], 10, TimeProvider.System, metrics);
        elsewhere.TryVerify(Issue(server, "phone"), out var found).ShouldBeTrue();
        found.UserId.ShouldBe("alice");
    }

    private static Task<RunningServer> StartAsync(TestLogins logins) =>
        RunningServer.StartAsync(builder => builder.Services.AddSingleton<ILoginSessions>(logins), "--store", "memory");

    private static string Issue(RunningServer server, string loginSession)
    {
        var now = server.App.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        return server.App.Services.GetRequiredService<IPlayerTokenIssuer>().Issue("alice", loginSession, now, now.AddMinutes(15));
    }

    private static async Task<HttpResponseMessage> GetAsync(RunningServer server, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/profiles/alice");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await server.Http.SendAsync(request, Cancelled);
    }
}
