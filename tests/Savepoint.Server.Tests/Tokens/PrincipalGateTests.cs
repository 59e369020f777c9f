using Microsoft.Extensions.DependencyInjection;
using Savepoint.Server.Tests.Profiles;
using Savepoint.Streams.Tests;
using Savepoint.Streams.Authentication;

namespace Savepoint.Server.Tests.Tokens;

public sealed class PrincipalGateTests
{
    private static readonly string[] TwoOfAddress = ["--Savepoint:RateLimits:Address:PerSecond=0.001", "--Savepoint:RateLimits:Address:Burst=2", "--Savepoint:RateLimits:Enabled=true"];

    [Fact]
    public async Task A_request_is_authenticated_once_also_on_a_connection_that_brought_the_token_before()
    {
        var logins = new Counting();
        await using var server = await StartAsync(logins);
        var alice = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        (await alice.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        logins.Asked.ShouldBe(1);
        for (var i = 0; i < 3; i++)
            (await alice.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        logins.Asked.ShouldBe(4);
    }

    [Fact]
    public async Task It_is_asked_for_once_also_where_the_answer_takes_time_or_is_no()
    {
        var logins = new Counting { TakesTime = true };
        await using var server = await StartAsync(logins);
        var alice = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        for (var i = 0; i < 3; i++)
            (await alice.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        logins.Asked.ShouldBe(3);
        foreach (var takesTime in new[] { true, false })
        {
            (logins.TakesTime, logins.IsOpen) = (takesTime, false);
            (await alice.GetAsync("profiles/alice")).ShouldBeProblem(401, "auth.unauthenticated");
        }

        logins.Asked.ShouldBe(5);
        logins.IsUnavailable = true;
        (await alice.GetAsync("profiles/alice")).ShouldBeProblem(503, "server.unavailable");
        logins.Asked.ShouldBe(6);
    }

    [Fact]
    public async Task A_login_session_that_ends_between_two_requests_of_a_connection_ends_its_token()
    {
        var logins = new Counting();
        await using var server = await StartAsync(logins);
        var alice = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        for (var i = 0; i < 3; i++)
            (await alice.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        logins.IsOpen = false;
        for (var i = 0; i < 3; i++)
            (await alice.GetAsync("profiles/alice")).ShouldBeProblem(401, "auth.unauthenticated");
        logins.IsOpen = true;
        (await alice.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
    }

    [Fact]
    public async Task Tokens_that_take_turns_on_a_connection_are_each_their_own()
    {
        await using var server = await StartAsync(new Counting());
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var user in new[] { "alice", "bob" })
            tokens[user] = await server.DevelopmentTokenAsync(user);
        for (var i = 0; i < 4; i++)
        {
            foreach (var (user, token) in tokens)
            {
                (await ProfileApi.Of(server, token).GetAsync($"profiles/{user}")).ShouldBeProblem(404, "entity.not_found");
                (await ProfileApi.Of(server, token).GetAsync(user == "alice" ? "profiles/bob" : "profiles/alice")).ShouldBeProblem(403, "auth.forbidden");
            }
        }
    }

    [Fact]
    public async Task What_the_limit_of_addresses_refuses_is_not_looked_at()
    {
        var logins = new Counting();
        await using var server = await StartAsync(logins, TwoOfAddress);
        var alice = ProfileApi.Of(server, await server.DevelopmentTokenAsync("alice"));
        (await alice.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        (await alice.GetAsync("profiles/alice")).ShouldBeProblem(429, "request.rate_limited");
        logins.Asked.ShouldBe(1);
    }

    private static Task<RunningServer> StartAsync(Counting logins, params string[] args) => RunningServer.StartAsync(
        builder => builder.Services.AddSingleton<ILoginSessions>(logins), ["--dev", "--store", "memory", "--Savepoint:Accounts:Enabled=false", .. args]);

    private sealed class Counting : ILoginSessions
    {
        private int _asked;

        public int Asked => _asked;

        public bool IsOpen { get; set; } = true;

        public bool TakesTime { get; set; }

        public bool IsUnavailable { get; set; }

        public ValueTask<bool> IsOpenAsync(PlayerToken token, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return TakesTime || IsUnavailable ? new ValueTask<bool>(LaterAsync()) : new ValueTask<bool>(IsOpen);
        }

        private async Task<bool> LaterAsync()
        {
            await Task.Yield();
            return IsUnavailable ? throw LoginSessionsUnavailableException.NotReady() : IsOpen;
        }

        public IDisposable Watch(string userId, string loginSession, Action ended) => NoLoginSessions.Instance;
    }
}
