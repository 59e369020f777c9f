using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Server.Tests.Profiles;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Tokens;

/// <summary>C2: every bad token, against the real server, over HTTP and over the stream: refused, in the same words, and nothing is done.</summary>
public sealed class AttackTests
{
    private const string Add = """{"operations":[{"op":"increment","path":"gold","by":1}]}""";

    // Players may write, so that a token that gets through does something.
    private static readonly string[] Rules = ["--Savepoint:Permissions:profile:Paths:0:Path=gold", "--Savepoint:Permissions:profile:Paths:0:Writers=All"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Over_HTTP_each_is_refused_and_nothing_is_done()
    {
        await using var server = await StartAsync();
        using var forge = new TokenForge(server.App.Services);
        await ProfileApi.Of(server).CreateAsync("alice", """{"gold":1}""");
        (await PatchAsync(server, forge.Good())).Status.ShouldBe(HttpStatusCode.OK);

        var tried = 0;
        foreach (var (name, token) in forge.All().Prepend(("no token", "")))
        {
            var (status, text, headers) = await PatchAsync(server, token);
            tried++;
            if (token.Length > 30_000)
            {
                // The web server does not even read it.
                status.ShouldBe(HttpStatusCode.RequestHeaderFieldsTooLarge, name);
                continue;
            }

            status.ShouldBe(HttpStatusCode.Unauthorized, name);
            headers.WwwAuthenticate.ToString().ShouldStartWith("Bearer", Case.Sensitive, name);
            var body = JsonNode.Parse(text)!.AsObject();
            body.Select(field => field.Key).ShouldBe(["type", "status", "code", "detail"], name);
            body["code"]!.GetValue<string>().ShouldBe("auth.unauthenticated", name);
            body["detail"]!.GetValue<string>().ShouldBeOneOf("The token has expired.", "The secret or token is not valid, or the name is not.", "A secret or a player's token is needed: Authorization: Bearer ….");
        }

        tried.ShouldBeGreaterThan(200);
        (await ProfileApi.Of(server).GetAsync("profiles/alice")).Version.ShouldBe(2, "only the good one has changed something");
        (await PatchAsync(server, forge.Good())).Status.ShouldBe(HttpStatusCode.OK, "the server is as well as before");
    }

    [Fact]
    public async Task Over_the_stream_each_is_refused_and_nothing_is_done()
    {
        await using var server = await StartAsync();
        using var forge = new TokenForge(server.App.Services);
        await using (var good = await server.ConnectAsync(new Hello { PlayerToken = forge.Good() }))
            (await good.CommitAsync(Requests.Add("alice", "gold", 1))).ShouldBe(1ul);

        foreach (var (name, token) in forge.All().Prepend(("no token", "")))
        {
            await using var client = await server.ConnectAsync();
            await client.SendAsync(
                new ClientMessage { Hello = new Hello { PlayerToken = token } },
                new ClientMessage { Request = 1, Unit = Requests.Unit(Requests.Add("alice", "gold", 1)).Unit });
            var error = (await client.UntilClosedAsync()).ShouldHaveSingleItem(name).Error;
            (error.Code, error.Message, error.Transient).ShouldBe((ErrorCodes.Unauthenticated, "The credentials are not valid.", false), name);
        }

        await using var game = await server.ConnectAsync(TestClient.AsGameServer());
        (await game.CommitAsync(Requests.Add("alice", "gold", 1))).ShouldBe(2ul, "only the good one has changed something");
    }

    [Fact]
    public async Task Another_scheme_or_a_token_in_the_address_is_no_token()
    {
        await using var server = await StartAsync();
        using var forge = new TokenForge(server.App.Services);
        foreach (var (authorization, path) in new[]
        {
            ("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("alice:" + forge.Good())), "profiles/alice"), (forge.Good(), "profiles/alice"), ("Token " + forge.Good(), "profiles/alice"),
            ("", "profiles/alice?access_token=" + forge.Good()),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/" + path);
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var response = await server.Http.SendAsync(request, Cancelled);
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, authorization);
        }
    }

    [Fact]
    public async Task Whoever_has_expired_is_told_so_and_only_then()
    {
        await using var server = await StartAsync();
        using var forge = new TokenForge(server.App.Services);
        var told = new List<string>();
        foreach (var (name, token) in forge.All().Where(bad => bad.Token.Length < 30_000))
        {
            if ((await PatchAsync(server, token)).Headers.WwwAuthenticate.ToString().Contains("expired", StringComparison.Ordinal))
                told.Add(name);
        }

        told.ShouldBe(["expired long ago", "expired just now", "exp -1"]);
    }

    private static Task<RunningServer> StartAsync()
    {
        var logins = new TestLogins();
        logins.End("ended");
        return RunningServer.StartAsync(builder => builder.Services.AddSingleton<ILoginSessions>(logins), ["--store", "memory", .. ProfileApi.Keys, .. Rules]);
    }

    private static async Task<(HttpStatusCode Status, string Text, HttpResponseHeaders Headers)> PatchAsync(RunningServer server, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/api/v1/profiles/alice") { Content = new StringContent(Add, Encoding.UTF8, "application/json") };
        if (token.Length > 0)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        using var response = await server.Http.SendAsync(request, Cancelled);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled), response.Headers);
    }
}
