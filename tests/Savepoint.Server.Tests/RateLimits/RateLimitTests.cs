using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Savepoint.Server.RateLimits;
using Savepoint.Server.Tests.Cluster;
using Savepoint.Server.Tests.Profiles;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.RateLimits;

public sealed class RateLimitTests
{
    // So slow that no test sees a token come back.
    private static readonly string[] ThreeOfAddress = ["--Savepoint:RateLimits:Address:PerSecond=0.001", "--Savepoint:RateLimits:Address:Burst=3"];
    private static readonly string[] ThreeOfPlayer = ["--Savepoint:RateLimits:Player:PerSecond=0.001", "--Savepoint:RateLimits:Player:Burst=3"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_that_asks_too_much_is_refused_and_told_when_to_come_back()
    {
        await using var server = await ProfileApi.StartAsync(ThreeOfAddress);
        var api = ProfileApi.Of(server, secret: null);
        for (var i = 0; i < 3; i++)
            (await api.GetAsync("profiles/alice")).ShouldBeProblem(401, "auth.unauthenticated");
        var refused = (await api.GetAsync("profiles/alice")).ShouldBeProblem(429, "request.rate_limited");
        refused.Headers["Retry-After"].ShouldBe("1000");

        // What a load balancer asks must not depend on what clients do; nor do services that have a secret.
        (await server.Http.GetAsync("/health/ready", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.Http.GetStringAsync("/metrics", Cancelled)).ShouldContain("savepoint_rate_limited_total{limit=\"address\"} 1\n");
        (await ProfileApi.Of(server).GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        (await ProfileApi.Of(server, "wrong-secret-of-nobody").GetAsync("profiles/alice")).ShouldBeProblem(429, "request.rate_limited");
    }

    [Theory]
    [InlineData("/api/v1/session/login")]
    [InlineData("/API/v1/Session/LOGIN")]
    [InlineData("/api/v1/session/%6cogin")]
    [InlineData("/api/v1/session/login/")]
    [InlineData("/api/v1/session/register")]
    [InlineData("/api/v1/accounts/me/identities")]
    [InlineData("/api/v1/accounts/me/identities/device/unlink")]
    [InlineData("/api/v1/accounts/alice/password")]
    public async Task What_costs_a_password_has_a_limit_of_its_own_however_it_is_written(string path)
    {
        await using var server = await ProfileApi.StartAsync("--Savepoint:RateLimits:Session:PerSecond=0.001", "--Savepoint:RateLimits:Session:Burst=2");
        for (var i = 0; i < 2; i++)
            (await PostAsync("/api/v1/session/login")).ShouldNotBe(HttpStatusCode.TooManyRequests);
        (await PostAsync(path)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await server.Http.GetStringAsync("/metrics", Cancelled)).ShouldContain("savepoint_rate_limited_total{limit=\"session\"} 1\n");

        // The others cost next to nothing, and a whole school comes back with them after an outage.
        foreach (var other in new[] { "/api/v1/session/refresh", "/api/v1/session/logout", "/api/v1/sessions" })
            (await PostAsync(other)).ShouldNotBe(HttpStatusCode.TooManyRequests);
        (await server.Http.GetAsync("/api/v1/session/login", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);

        async Task<HttpStatusCode> PostAsync(string path) => (await server.Http.PostAsJsonAsync(path, new { }, Cancelled)).StatusCode;
    }

    [Fact]
    public async Task Refreshes_count_as_all_other_requests_of_an_address()
    {
        await using var server = await ProfileApi.StartAsync(ThreeOfAddress);
        for (var i = 0; i < 3; i++)
            (await server.Http.PostAsJsonAsync("/api/v1/session/refresh", new { }, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await server.Http.PostAsJsonAsync("/api/v1/session/refresh", new { }, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_player_that_asks_too_much_is_refused_and_nobody_else()
    {
        await using var server = await ProfileApi.StartAsync(["--dev", .. ThreeOfPlayer]);
        var (alice, bob) = (ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice")), ProfileApi.Of(server, await server.DevelopmentTokenAsync("bob")));
        for (var i = 0; i < 3; i++)
            (await alice.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        (await alice.GetAsync("profiles/alice")).ShouldBeProblem(429, "request.rate_limited");
        (await bob.GetAsync("profiles/bob")).ShouldBeProblem(404, "entity.not_found");
        for (var i = 0; i < 5; i++)
            (await ProfileApi.Of(server).GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
    }

    [Fact]
    public async Task All_of_them_can_be_switched_off()
    {
        await using var server = await ProfileApi.StartAsync([.. ThreeOfAddress, .. ThreeOfPlayer, "--dev", "--Savepoint:RateLimits:Enabled=false"]);
        var alice = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        for (var i = 0; i < 10; i++)
            (await alice.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
    }

    [Fact]
    public async Task Keys_have_no_limit_unless_they_are_given_one()
    {
        await using var server = await ProfileApi.StartAsync("--Savepoint:RateLimits:Key:PerSecond=0.001", "--Savepoint:RateLimits:Key:Burst=1");
        (await ProfileApi.Of(server).GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        (await ProfileApi.Of(server).GetAsync("profiles/alice")).ShouldBeProblem(429, "request.rate_limited");
        (await ProfileApi.Of(server, ProfileApi.AdminSecret).GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
    }

    [Fact]
    public async Task An_address_is_counted_where_it_is_connected_and_a_player_where_it_is_served()
    {
        await using var first = await TestNode.StartAsync("first", args: "--dev");
        await using var second = await TestNode.StartAsync("second", args: ["--dev", .. ThreeOfAddress, .. ThreeOfPlayer]);
        TestNode.Assign(second.Node, [first, second], "bob");
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(http, first, "bob"));
        for (var i = 0; i < 3; i++)
            (await AskAsync(first)).ShouldBe((HttpStatusCode.NotFound, "entity.not_found"));

        // The address has used none of the second's tokens: it is the player that has no more.
        (await AskAsync(first)).ShouldBe((HttpStatusCode.TooManyRequests, "request.rate_limited"));
        http.DefaultRequestHeaders.Authorization = null;
        for (var i = 0; i < 3; i++)
            (await AskAsync(second)).ShouldBe((HttpStatusCode.Unauthorized, "auth.unauthenticated"));
        (await AskAsync(second)).ShouldBe((HttpStatusCode.TooManyRequests, "request.rate_limited"));
        (await AskAsync(first)).ShouldBe((HttpStatusCode.Unauthorized, "auth.unauthenticated"));

        async Task<(HttpStatusCode, string)> AskAsync(TestNode node)
        {
            using var response = await http.GetAsync(new Uri(node.Node.Address, "/api/v1/profiles/bob"), Cancelled);
            return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["code"]!.GetValue<string>());
        }
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    public void Addresses_of_one_network_share_a_bucket(string left, string right, bool isSame)
    {
        // Two others share one by chance, about once in 65,536 processes.
        (Buckets.Of(IPAddress.Parse(left)) == Buckets.Of(IPAddress.Parse(right))).ShouldBe(isSame);
    }

    [Fact]
    public void However_many_addresses_come_there_are_not_more_buckets()
    {
        var used = new HashSet<int>();
        for (var i = 0; i < 1_000_000; i++)
            used.Add(Buckets.Of(new IPAddress([0x20, 1, 0xd, 0xb8, (byte)(i >> 16), (byte)(i >> 8), (byte)i, 0, 0, 0, 0, 0, 0, 0, 0, 1])));
        used.ShouldAllBe(bucket => bucket >= 0 && bucket < Buckets.Count);
        used.Count.ShouldBeGreaterThan(Buckets.Count / 2, "they are spread");
    }

    private static async Task<string> TokenAsync(HttpClient http, TestNode node, string userId)
    {
        using var issued = await http.PostAsJsonAsync(new Uri(node.Node.Address, "/dev/tokens"), new { userId }, Cancelled);
        return (await issued.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["token"]!.GetValue<string>();
    }
}
