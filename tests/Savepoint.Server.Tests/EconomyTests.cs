using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Server.Development;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests;

/// <summary>P26 over HTTP, against the real server on SQLite.</summary>
public sealed class EconomyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_came_and_went_is_listed_by_path_and_reason()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        var admin = Admin(server);
        await ChangeAsync(admin, """{"operations":[{"op":"set","path":"gold","value":100}],"create":true,"reason":"start"}""");
        await ChangeAsync(admin, """{"operations":[{"op":"increment","path":"gold","by":7}],"reason":"quest:dragon"}""");
        await ChangeAsync(admin, """{"operations":[{"op":"increment","path":"gold","by":5}],"reason":"quest:dragon"}""");
        await ChangeAsync(admin, """{"operations":[{"op":"increment","path":"gold","by":-30},{"op":"increment","path":"items.sword","by":1}],"reason":"shop:sword"}""");

        // The sums are written with the next checkpoint.
        JsonObject page;
        do
        {
            page = await ListAsync(admin, "?from=2026-01-01");
        }
        while (page["rows"]!.AsArray().Count < 3);

        Rows(page).ShouldBe(["gold quest:dragon +12 (2) -0 (0)", "gold shop:sword +0 (0) -30 (1)", "items.sword shop:sword +1 (1) -0 (0)"]);
        Rows(await ListAsync(admin, "?from=2026-01-01&reason=quest:dragon&kind=profile&path=gold")).ShouldBe(["gold quest:dragon +12 (2) -0 (0)"]);
        var first = await ListAsync(admin, "?from=2026-01-01&limit=2");
        Rows(first).Count.ShouldBe(2);
        Rows(await ListAsync(admin, "?from=2026-01-01&limit=2&position=" + first["next"]!.GetValue<string>())).ShouldBe(["items.sword shop:sword +1 (1) -0 (0)"]);
    }

    [Theory]
    [InlineData("?from=yesterday")]
    [InlineData("?from=2026-02-01&to=2026-01-01")]
    [InlineData("?limit=0")]
    [InlineData("?limit=10001")]
    [InlineData("?position=bm9uZQ")]
    [InlineData("?position=%25")]
    public async Task A_question_that_makes_no_sense_is_refused(string query)
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        var answer = await Admin(server).GetAsync("/api/v1/economy" + query, Cancelled);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["code"]!.GetValue<string>().ShouldBe("request.invalid");
    }

    [Fact]
    public async Task It_is_not_for_everybody()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        (await server.Http.GetAsync("/api/v1/economy", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var gameServer = new HttpRequestMessage(HttpMethod.Get, "/api/v1/economy");
        gameServer.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestClient.Secret);
        (await server.Http.SendAsync(gameServer, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static async Task ChangeAsync(HttpClient http, string change) =>
        (await http.PatchAsync("/api/v1/profiles/alice", new StringContent(change, new MediaTypeHeaderValue("application/json")), Cancelled)).EnsureSuccessStatusCode();

    private static async Task<JsonObject> ListAsync(HttpClient http, string query) => (await http.GetFromJsonAsync<JsonObject>("/api/v1/economy" + query, Cancelled))!;

    private static List<string> Rows(JsonObject page) =>
        [.. page["rows"]!.AsArray().Select(row => $"{row!["path"]} {row["reason"]} +{row["sources"]} ({row["sourceCount"]}) -{row["sinks"]} ({row["sinkCount"]})")];

    private static HttpClient Admin(RunningServer server)
    {
        server.Http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", server.App.Services.GetRequiredService<DevelopmentKeys>().AdminSecret);
        return server.Http;
    }
}
