using System.Text.Json.Nodes;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>Families of refresh tokens, against the real server.</summary>
public sealed class RefreshTests
{
    [Fact]
    public async Task A_refresh_token_gives_the_next_ones_and_is_good_once()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        var second = (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200);
        (second.UserId, second.SessionId).ShouldBe((alice.UserId, alice.SessionId));
        second.RefreshToken.ShouldNotBe(alice.RefreshToken);
        (await server.GetAsync("/api/v1/session", second.AccessToken)).ShouldBe(200);
        var third = (await server.RefreshAsync(second.RefreshToken)).ShouldBe(200);

        // The first is older than what may be repeated.
        (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(401, "auth.refresh_reused");
        (await server.RefreshAsync(third.RefreshToken)).ShouldBe(401, "auth.refresh_invalid");
        (await server.GetAsync("/api/v1/session", third.AccessToken)).ShouldBe(401);
    }

    [Fact]
    public async Task A_client_that_lost_the_answer_gets_the_same_tokens_successor_again()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        var next = (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200).RefreshToken;
        server.Clock.Shift(TimeSpan.FromSeconds(110));
        var repeated = (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200);
        repeated.RefreshToken.ShouldBe(next);
        (await server.GetAsync("/api/v1/session", repeated.AccessToken)).ShouldBe(200);
        (await server.RefreshAsync(next)).ShouldBe(200);
    }

    [Fact]
    public async Task A_client_that_keeps_on_asking_through_a_long_stall_is_not_thrown_out()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        var next = (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200).RefreshToken;
        for (var i = 0; i < 5; i++)
        {
            server.Clock.Shift(TimeSpan.FromSeconds(90));
            (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200).RefreshToken.ShouldBe(next);
        }

        // Whoever has copied it gains no time: as soon as the player goes on, it is good for nothing.
        (await server.RefreshAsync(next)).ShouldBe(200);
        (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(401, "auth.refresh_reused");
    }

    [Fact]
    public async Task Whoever_shows_a_token_over_and_over_does_not_keep_it_good_for_longer_than_five_times_the_grace()
    {
        await using var server = await AccountServer.StartAsync();
        var stolen = (await server.RegisterAsync("alice")).RefreshToken;
        var next = (await server.RefreshAsync(stolen)).ShouldBe(200).RefreshToken;
        for (var i = 0; i < 6; i++)
        {
            server.Clock.Shift(TimeSpan.FromSeconds(90));
            (await server.RefreshAsync(stolen)).ShouldBe(200).RefreshToken.ShouldBe(next);
        }

        // The player comes late, and is the one who is told.
        server.Clock.Shift(TimeSpan.FromSeconds(90));
        (await server.RefreshAsync(stolen)).ShouldBe(401, "auth.refresh_reused");
        (await server.RefreshAsync(next)).ShouldBe(401, "auth.refresh_invalid");
    }

    [Fact]
    public async Task A_token_that_comes_again_after_the_grace_ends_the_session_for_both()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        var other = await server.LogInAsync("alice");
        var next = (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200);
        server.Clock.Shift(TimeSpan.FromSeconds(121));
        (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(401, "auth.refresh_reused");
        (await server.RefreshAsync(next.RefreshToken)).ShouldBe(401, "auth.refresh_invalid");
        (await server.GetAsync("/api/v1/session", next.AccessToken)).ShouldBe(401);
        (await server.GetAsync("/api/v1/session", alice.AccessToken)).ShouldBe(401);

        // Other sessions of the player are none of this one's.
        (await server.RefreshAsync(other.RefreshToken)).ShouldBe(200);
    }

    [Fact]
    public async Task A_clock_that_goes_back_makes_the_grace_no_longer()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        var next = (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200);
        server.Clock.Shift(TimeSpan.FromMinutes(-10));
        (await server.RefreshAsync(next.RefreshToken)).ShouldBe(200);
        server.Clock.Shift(TimeSpan.FromMinutes(-10));
        (await server.RefreshAsync(next.RefreshToken)).ShouldBe(401, "auth.refresh_reused");
    }

    [Fact]
    public async Task Fifty_who_refresh_one_token_at_once_get_one_successor()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.RefreshAsync(alice.RefreshToken)));
        answers.ShouldAllBe(answer => answer.Status == 200);
        var next = answers.Select(answer => answer.RefreshToken).Distinct().ShouldHaveSingleItem();
        (await server.RefreshAsync(next)).ShouldBe(200);
        (await server.GetAsync("/api/v1/session", answers[0].AccessToken)).ShouldBe(200).Body["sessions"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Fifty_who_refresh_one_token_at_once_after_the_grace_end_the_session_once()
    {
        await using var server = await AccountServer.StartAsync("--Savepoint:Accounts:RefreshGrace=00:00:00");
        var alice = await server.RegisterAsync("alice");
        (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200);
        server.Clock.Shift(TimeSpan.FromSeconds(1));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.RefreshAsync(alice.RefreshToken)));
        answers.Count(answer => answer.Code == "auth.refresh_reused").ShouldBe(1);
        answers.Count(answer => answer.Code == "auth.refresh_invalid").ShouldBe(49);
    }

    [Fact]
    public async Task A_refresh_token_is_good_for_nothing_after_its_time()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        server.Clock.Shift(TimeSpan.FromDays(29));
        var next = (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200);
        server.Clock.Shift(TimeSpan.FromDays(29));
        next = (await server.RefreshAsync(next.RefreshToken)).ShouldBe(200);
        server.Clock.Shift(TimeSpan.FromDays(30.1));
        (await server.RefreshAsync(next.RefreshToken)).ShouldBe(401, "auth.refresh_invalid");
    }

    [Fact]
    public async Task What_is_no_token_of_ours_ends_no_session()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        var token = alice.RefreshToken;
        string[] forged = ["", "nonsense", token[..^1], token + "A", token[..^1] + (token[^1] == 'A' ? 'E' : 'A'), token[..60] + (token[60] == 'A' ? 'B' : 'A') + token[61..], alice.AccessToken];
        foreach (var wrong in forged)
            (await server.RefreshAsync(wrong)).ShouldBe(401, "auth.refresh_invalid");
        (await server.PostAsync("/api/v1/session/refresh", new JsonObject())).ShouldBe(400, "request.invalid");
        (await server.PostAsync("/api/v1/session/refresh", new { refreshToken = 7 })).ShouldBe(400, "request.invalid");
        (await server.RefreshAsync(token)).ShouldBe(200);
    }

    [Fact]
    public async Task Tokens_stay_good_over_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        try
        {
            string[] args = ["--dev", "--Savepoint:Accounts:PasswordIterations=10000"];
            Answer alice, next;
            await using (var server = await AccountServer.StartAsync(data, args))
            {
                alice = await server.RegisterAsync("alice");
                next = await server.RefreshAsync(alice.RefreshToken);
            }

            await using var restarted = await AccountServer.StartAsync(data, args);
            (await restarted.GetAsync("/api/v1/session", alice.AccessToken)).ShouldBe(200);
            (await restarted.RefreshAsync(alice.RefreshToken)).ShouldBe(200).RefreshToken.ShouldBe(next.RefreshToken);
            (await restarted.RefreshAsync(next.RefreshToken)).ShouldBe(200);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Of_sessions_there_is_a_limit_and_the_one_that_was_not_used_for_longest_goes()
    {
        await using var server = await AccountServer.StartAsync("--Savepoint:Accounts:MaxSessions=3");
        var first = await server.RegisterAsync("alice");
        server.Clock.Shift(TimeSpan.FromMinutes(1));
        var second = await server.LogInAsync("alice");
        server.Clock.Shift(TimeSpan.FromMinutes(1));
        var third = await server.LogInAsync("alice");
        server.Clock.Shift(TimeSpan.FromMinutes(1));
        first = (await server.RefreshAsync(first.RefreshToken)).ShouldBe(200);
        server.Clock.Shift(TimeSpan.FromMinutes(1));
        (await server.LogInAsync("alice")).ShouldBe(200);
        (await server.RefreshAsync(second.RefreshToken)).ShouldBe(401, "auth.refresh_invalid");
        (await server.RefreshAsync(first.RefreshToken)).ShouldBe(200);
        (await server.RefreshAsync(third.RefreshToken)).ShouldBe(200);
    }

    [Fact]
    public async Task Nothing_that_is_kept_or_answered_gives_a_secret_away()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice", deviceId: "device-of-alice-1");
        var shown = (await server.GetAsync("/api/v1/session", alice.AccessToken)).ShouldBe(200).Body.ToJsonString();
        var hash = await server.PasswordHashAsync("alice");
        foreach (var secret in new[] { AccountServer.Password, hash, alice.RefreshToken, "device-of-alice-1" })
            shown.ShouldNotContain(secret);
    }
}
