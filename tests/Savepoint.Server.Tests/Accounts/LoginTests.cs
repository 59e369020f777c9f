using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.Passwords;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>Logging in, and being locked out, against the real server.</summary>
public sealed class LoginTests
{
    private const string Login = "/api/v1/session/login", Device = "a-device-of-alice";

    [Fact]
    public async Task Unknown_users_wrong_passwords_and_disabled_accounts_get_one_answer()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        await server.RegisterAsync("bob");
        (await server.PostAsync($"/api/v1/accounts/{alice.UserId}/disable", null, server.AdminSecret)).ShouldBe(204);
        var disabled = (await server.LogInAsync("alice")).ShouldBe(401, "auth.login_failed");
        var wrong = (await server.LogInAsync("bob", "correct horse 8")).ShouldBe(401);
        var unknown = (await server.LogInAsync("carol")).ShouldBe(401);
        var tooLong = (await server.LogInAsync("bob", new string('x', 4000))).ShouldBe(401);
        foreach (var other in new[] { wrong, unknown, tooLong })
            other.Body.ToJsonString().ShouldBe(disabled.Body.ToJsonString());
    }

    [Fact]
    public async Task A_device_makes_an_account_only_if_it_says_so()
    {
        await using var server = await AccountServer.StartAsync();
        (await server.PostAsync(Login, new { deviceId = Device })).ShouldBe(401, "auth.login_failed");
        var made = (await server.PostAsync(Login, new { deviceId = Device, create = true, device = "Pixel 8" })).ShouldBe(200);
        made.Body["created"]!.GetValue<bool>().ShouldBeTrue();
        var again = (await server.PostAsync(Login, new { deviceId = Device, create = true })).ShouldBe(200);
        (again.UserId, again.Body["created"]!.GetValue<bool>()).ShouldBe((made.UserId, false));
    }

    [Fact]
    public async Task A_device_that_logs_in_many_times_at_once_makes_one_account()
    {
        await using var server = await AccountServer.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => server.PostAsync(Login, new { deviceId = Device, create = true })));
        answers.ShouldAllBe(answer => answer.Status == 200);
        answers.Select(answer => answer.UserId).Distinct().ShouldHaveSingleItem();
        answers.Count(answer => answer.Body["created"]!.GetValue<bool>()).ShouldBe(1);
    }

    [Fact]
    public async Task A_studios_own_token_makes_an_account_and_stays_one()
    {
        await using var server = await AccountServer.StartAsync();
        var token = await server.Server.DevelopmentTokenAsync("studio:alice");
        var made = (await server.PostAsync(Login, new { token })).ShouldBe(200);
        made.UserId.ShouldNotBe("studio:alice");
        (await server.PostAsync(Login, new { token = await server.Server.DevelopmentTokenAsync("studio:alice") })).ShouldBe(200).UserId.ShouldBe(made.UserId);
        (await server.PostAsync(Login, new { token = await server.Server.DevelopmentTokenAsync("alice") })).ShouldBe(200).UserId.ShouldNotBe(made.UserId);
        (await server.PostAsync(Login, new { token = token[..^2] + "AA" })).ShouldBe(401, "auth.login_failed");
        (await server.PostAsync(Login, new { token = "nonsense" })).ShouldBe(401, "auth.login_failed");
        (await server.PostAsync(Login, new { token = made.AccessToken })).ShouldBe(401, "auth.login_failed");
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"userName":"alice"}""")]
    [InlineData("""{"userName":"alice","password":"x","deviceId":"a-device-of-alice"}""")]
    [InlineData("""{"deviceId":"a-device-of-alice","password":"x"}""")]
    [InlineData("""{"deviceId":"a-device-of-alice","create":"yes"}""")]
    [InlineData("""{"token":"x","create":true}""")]
    public async Task A_login_says_one_way_in(string body)
    {
        await using var server = await AccountServer.StartAsync("--store", "memory");
        (await server.PostAsync(Login, JsonNode.Parse(body))).ShouldBe(400, "request.invalid");
    }

    [Fact]
    public async Task Ten_wrong_passwords_lock_the_name_and_nobody_gets_in_until_it_is_over()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        for (var i = 0; i < 10; i++)
            (await server.LogInAsync("alice", "wrong password")).ShouldBe(401, "auth.login_failed");
        var locked = (await server.LogInAsync("alice")).ShouldBe(429, "auth.locked_out");
        locked.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));

        // Whoever is in stays in.
        (await server.GetAsync("/api/v1/session", alice.AccessToken)).ShouldBe(200);
        var refreshed = (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200);

        server.Clock.Shift(TimeSpan.FromMinutes(15.1));
        (await server.LogInAsync("alice")).ShouldBe(200);
        (await server.RefreshAsync(refreshed.RefreshToken)).ShouldBe(200);
    }

    [Fact]
    public async Task Each_lock_out_is_longer_until_a_login()
    {
        await using var server = await AccountServer.StartAsync();
        await server.RegisterAsync("alice");
        (await LockAsync()).ShouldBe(15);
        server.Clock.Shift(TimeSpan.FromMinutes(16));
        (await LockAsync()).ShouldBe(30);
        server.Clock.Shift(TimeSpan.FromMinutes(31));
        (await LockAsync()).ShouldBe(60);
        server.Clock.Shift(TimeSpan.FromMinutes(61));
        (await server.LogInAsync("alice")).ShouldBe(200);
        (await LockAsync()).ShouldBe(15);

        async Task<int> LockAsync()
        {
            for (var i = 0; i < 10; i++)
                (await server.LogInAsync("alice", "wrong password")).ShouldBe(401);
            return (int)Math.Round((await server.LogInAsync("alice")).ShouldBe(429).RetryAfter!.Value.TotalMinutes);
        }
    }

    [Fact]
    public async Task Of_forty_who_guess_at_once_ten_get_an_answer()
    {
        await using var server = await AccountServer.StartAsync();
        await server.RegisterAsync("alice");
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => server.LogInAsync("alice", "wrong password")));
        answers.Count(answer => answer.Status == 401).ShouldBe(10);
        answers.Count(answer => answer.Status == 429 && answer.Code == "auth.locked_out").ShouldBe(30);
    }

    [Fact]
    public async Task A_login_forgets_the_wrong_passwords_before_it_and_so_does_time()
    {
        await using var server = await AccountServer.StartAsync();
        await server.RegisterAsync("alice");
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 9; i++)
                (await server.LogInAsync("alice", "wrong password")).ShouldBe(401);
            (await server.LogInAsync("alice")).ShouldBe(200);
        }

        for (var i = 0; i < 9; i++)
            (await server.LogInAsync("alice", "wrong password")).ShouldBe(401);
        server.Clock.Shift(TimeSpan.FromMinutes(15.1));
        for (var i = 0; i < 9; i++)
            (await server.LogInAsync("alice", "wrong password")).ShouldBe(401);
        (await server.LogInAsync("alice")).ShouldBe(200);
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("nobody")]
    public async Task A_password_that_nobody_waits_for_any_more_before_it_is_looked_at_does_not_count(string userName)
    {
        await using var server = await AccountServer.StartAsync("--Savepoint:Accounts:PasswordThreads=1");
        await server.RegisterAsync("alice");
        var threads = server.Server.App.Services.GetRequiredService<PasswordThreads>();
        var logins = server.Server.App.Services.GetRequiredService<Logins>();
        IdentityKeys.TryName(userName, out var name).ShouldBeTrue();
        for (var i = 0; i < 12; i++)
        {
            using var free = new ManualResetEventSlim();
            using var gone = new CancellationTokenSource();
            var begun = new TaskCompletionSource();
            var blocking = threads.RunAsync(
                () =>
                {
                    begun.SetResult();
                    return free.Wait(TimeSpan.FromMinutes(1));
                },
                CancellationToken.None);
            await begun.Task;
            var login = logins.ByPasswordAsync(name, AccountServer.Password, new ClientInfo(null, null), gone.Token);
            while (threads.Waiting == 0 && !login.IsCompleted)
                await Task.Yield();
            await gone.CancelAsync();
            free.Set();
            (await blocking).ShouldBeTrue();
            await Should.ThrowAsync<OperationCanceledException>(() => login);
        }

        (await server.LogInAsync(userName)).Status.ShouldBe(userName == "alice" ? 200 : 401);
    }

    [Fact]
    public async Task Right_passwords_that_come_to_nothing_lock_nobody_out()
    {
        await using var server = await AccountServer.StartAsync();
        await server.RegisterAsync("alice");
        var attempts = server.Server.App.Services.GetRequiredService<PasswordAttempts>();
        IdentityKeys.TryName("alice", out var name).ShouldBeTrue();
        for (var i = 0; i < 12; i++)
        {
            var trying = attempts.TryAsync<bool>(name, AccountServer.Password, _ => throw new OperationCanceledException(), TestContext.Current.CancellationToken);
            await Should.ThrowAsync<OperationCanceledException>(() => trying);
        }

        (await server.LogInAsync("alice")).ShouldBe(200);
    }

    [Fact]
    public async Task Right_passwords_that_come_at_once_lock_nobody_out()
    {
        await using var server = await AccountServer.StartAsync("--Savepoint:Accounts:PasswordThreads=8", "--Savepoint:Accounts:MaxFailures=2");
        await server.RegisterAsync("alice");
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => server.LogInAsync("alice")));
        answers.Select(answer => answer.Status).Distinct().ShouldHaveSingleItem().ShouldBe(200);
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_locked_like_any_other()
    {
        await using var server = await AccountServer.StartAsync();
        for (var i = 0; i < 10; i++)
            (await server.LogInAsync("nobody")).ShouldBe(401, "auth.login_failed");
        (await server.LogInAsync("NOBODY")).ShouldBe(429, "auth.locked_out").RetryAfter!.Value.ShouldBeGreaterThan(TimeSpan.FromMinutes(14));
    }

    [Fact]
    public async Task A_clock_that_goes_back_locks_nobody_out_for_longer()
    {
        await using var server = await AccountServer.StartAsync();
        await server.RegisterAsync("alice");
        for (var i = 0; i < 10; i++)
            (await server.LogInAsync("alice", "wrong password")).ShouldBe(401);
        (await server.LogInAsync("alice")).ShouldBe(429);
        server.Clock.Shift(TimeSpan.FromDays(-400));
        (await server.LogInAsync("alice")).ShouldBe(200);
    }

    [Fact]
    public async Task A_lock_out_holds_over_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        try
        {
            string[] args = ["--dev", "--Savepoint:Accounts:PasswordIterations=10000"];
            await using (var server = await AccountServer.StartAsync(data, args))
            {
                await server.RegisterAsync("alice");
                for (var i = 0; i < 10; i++)
                    (await server.LogInAsync("alice", "wrong password")).ShouldBe(401);
            }

            await using var restarted = await AccountServer.StartAsync(data, args);
            (await restarted.LogInAsync("alice")).ShouldBe(429, "auth.locked_out");
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_password_of_weaker_hash_is_hashed_anew_at_its_next_login()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        try
        {
            await using (var server = await AccountServer.StartAsync(data, "--dev", "--Savepoint:Accounts:PasswordIterations=10000"))
                await server.RegisterAsync("alice");
            await using (var server = await AccountServer.StartAsync(data, "--dev", "--Savepoint:Accounts:PasswordIterations=20000"))
            {
                IterationsOf(await server.PasswordHashAsync("alice")).ShouldBe(10_000u);
                (await server.LogInAsync("alice")).ShouldBe(200);
                IterationsOf(await server.PasswordHashAsync("alice")).ShouldBe(20_000u);
                (await server.LogInAsync("alice")).ShouldBe(200);
            }
        }
        finally
        {
            data.Delete(recursive: true);
        }

        static uint IterationsOf(string hash) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(Convert.FromBase64String(hash).AsSpan(5));
    }

    [Fact]
    public async Task More_passwords_than_may_wait_are_refused_and_may_come_again()
    {
        await using var server = await AccountServer.StartAsync("--Savepoint:Accounts:PasswordQueue=1", "--Savepoint:Accounts:PasswordThreads=1");
        using var free = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var blocking = server.Server.App.Services.GetRequiredService<PasswordThreads>().RunAsync(
            () =>
            {
                begun.SetResult();
                return free.Wait(TimeSpan.FromMinutes(1));
            },
            CancellationToken.None);
        await begun.Task;
        var answers = Enumerable.Range(0, 12).Select(i => server.LogInAsync($"user-{i}")).ToList();

        // One of them waits, while the others have their answers.
        for (var left = answers.Count; left > 1; left--)
        {
            var answered = await Task.WhenAny(answers);
            answers.Remove(answered);
            (await answered).ShouldBe(503, "auth.busy").RetryAfter.ShouldNotBeNull();
        }

        free.Set();
        (await blocking).ShouldBeTrue();
        (await answers[0]).ShouldBe(401);
        (await server.LogInAsync("user-0")).ShouldBe(401);
    }

    [Fact]
    public async Task Without_accounts_there_is_nothing_at_their_addresses()
    {
        await using var server = await AccountServer.StartAsync("--Savepoint:Accounts:Enabled=false", "--store", "memory");
        (await server.LogInAsync("alice")).ShouldBe(404, "request.no_such_endpoint");
    }
}
