using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Modules.Accounts.Passwords;
using Savepoint.Protocol.Messages;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>Logging out, and what players and admins see and do of login sessions, against the real server.</summary>
public sealed class SessionTests
{
    private const string Session = "/api/v1/session";

    [Fact]
    public async Task Who_logs_out_is_out_at_once_and_others_stay_in()
    {
        await using var server = await AccountServer.StartAsync();
        var here = await server.RegisterAsync("alice");
        var there = await server.LogInAsync("alice");
        (await server.PostAsync(Session + "/logout", null, here.AccessToken)).ShouldBe(204);
        (await server.GetAsync(Session, here.AccessToken)).ShouldBe(401, "auth.unauthenticated");
        (await server.RefreshAsync(here.RefreshToken)).ShouldBe(401, "auth.refresh_invalid");
        (await server.GetAsync(Session, there.AccessToken)).ShouldBe(200);

        var again = await server.LogInAsync("alice");
        (await server.PostAsync(Session + "/logout", new { everywhere = true }, again.AccessToken)).ShouldBe(204);
        (await server.GetAsync(Session, there.AccessToken)).ShouldBe(401);
        (await server.RefreshAsync(there.RefreshToken)).ShouldBe(401);
        (await server.GetAsync(Session, again.AccessToken)).ShouldBe(401);
        (await server.LogInAsync("alice")).ShouldBe(200);
    }

    [Fact]
    public async Task Streams_end_with_their_login_session_and_no_other_does()
    {
        await using var server = await AccountServer.StartAsync();
        var here = await server.RegisterAsync("alice");
        var there = await server.LogInAsync("alice");
        await using var ending = await server.Server.ConnectAsync(new Hello { PlayerToken = here.AccessToken });
        await using var staying = await server.Server.ConnectAsync(new Hello { PlayerToken = there.AccessToken });
        (await server.PostAsync(Session + "/logout", null, here.AccessToken)).ShouldBe(204);
        (await ending.UntilClosedAsync())[^1].Error.Code.ShouldBe("auth.session_ended");
        await staying.SettleAsync();

        // Neither a refresh nor another login ends it; a token that was copied does.
        var next = await server.RefreshAsync(there.RefreshToken);
        await server.LogInAsync("alice");
        await staying.SettleAsync();
        server.Clock.Shift(TimeSpan.FromMinutes(3));
        (await server.RefreshAsync(there.RefreshToken)).ShouldBe(401, "auth.refresh_reused");
        (await staying.UntilClosedAsync())[^1].Error.Code.ShouldBe("auth.session_ended");
        await using var refused = await server.Server.ConnectAsync();
        (await refused.HelloAsync(new Hello { PlayerToken = next.AccessToken })).Error.Code.ShouldBe("auth.unauthenticated");
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("erase")]
    public async Task Streams_of_who_is_kept_out_or_erased_end(string how)
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        await using var stream = await server.Server.ConnectAsync(new Hello { PlayerToken = alice.AccessToken });
        var path = how == "erase" ? $"/api/v1/users/{alice.UserId}/erase" : $"/api/v1/accounts/{alice.UserId}/disable";
        (await server.PostAsync(path, new { reason = "asked" }, server.AdminSecret)).Status.ShouldBeOneOf(200, 204);
        (await stream.UntilClosedAsync())[^1].Error.Code.ShouldBe("auth.session_ended");
    }

    [Fact]
    public async Task A_player_sees_its_sessions_and_ends_one_of_them()
    {
        await using var server = await AccountServer.StartAsync();
        var phone = await server.PostAsync(Session + "/register", new { userName = "Alice", password = AccountServer.Password, device = "Pixel 8" });
        var desk = await server.LogInAsync("alice");
        var bob = await server.RegisterAsync("bob");
        var shown = (await server.GetAsync(Session, desk.AccessToken)).ShouldBe(200);
        shown.SessionId.ShouldBe(desk.SessionId);
        shown.Body["identities"]![0]!["name"]!.GetValue<string>().ShouldBe("Alice");
        var sessions = shown.Body["sessions"]!.AsArray().ToDictionary(session => session!["id"]!.GetValue<string>());
        sessions.Keys.ShouldBe([phone.SessionId, desk.SessionId], ignoreOrder: true);
        sessions[phone.SessionId]!["device"]!.GetValue<string>().ShouldBe("Pixel 8");
        sessions[phone.SessionId]!["address"]!.GetValue<string>().ShouldBe("127.0.0.1");
        sessions[phone.SessionId]!["present"]!.GetValue<bool>().ShouldBeFalse();
        sessions[desk.SessionId]!["present"]!.GetValue<bool>().ShouldBeTrue();

        (await server.DeleteAsync($"{Session}/{bob.SessionId}", desk.AccessToken)).ShouldBe(404, "auth.no_such_session");
        (await server.DeleteAsync($"{Session}/{phone.SessionId}", desk.AccessToken)).ShouldBe(204);
        (await server.DeleteAsync($"{Session}/{phone.SessionId}", desk.AccessToken)).ShouldBe(404, "auth.no_such_session");
        (await server.GetAsync(Session, phone.AccessToken)).ShouldBe(401);
        (await server.GetAsync(Session, bob.AccessToken)).ShouldBe(200);
    }

    [Fact]
    public async Task A_token_of_a_studio_itself_has_no_session_here()
    {
        await using var server = await AccountServer.StartAsync();
        var token = await server.Server.DevelopmentTokenAsync("hero");
        var shown = (await server.GetAsync(Session, token)).ShouldBe(200);
        (shown.UserId, shown.Body["sessionId"]).ShouldBe(("hero", null));
        (await server.PostAsync(Session + "/logout", null, token)).ShouldBe(404, "auth.no_such_session");
    }

    [Fact]
    public async Task An_admin_keeps_a_player_out_and_lets_it_in_again_and_both_are_written_down()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice", deviceId: "device-of-alice-1");
        var account = $"/api/v1/accounts/{alice.UserId}";
        (await server.PostAsync(account + "/disable", new { reason = "cheats" }, server.AdminSecret)).ShouldBe(204);
        (await server.GetAsync(Session, alice.AccessToken)).ShouldBe(401);
        (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(401, "auth.refresh_invalid");
        (await server.LogInAsync("alice")).ShouldBe(401, "auth.login_failed");
        (await server.PostAsync(Session + "/login", new { deviceId = "device-of-alice-1", create = true })).ShouldBe(401, "auth.login_failed");
        (await server.PostAsync(account + "/enable", null, server.AdminSecret)).ShouldBe(204);
        var back = (await server.LogInAsync("alice")).ShouldBe(200);
        (await server.PostAsync(account + "/logout", null, server.AdminSecret)).ShouldBe(204);
        (await server.GetAsync(Session, back.AccessToken)).ShouldBe(401);

        var entries = (await server.GetAsync($"/api/v1/audit?user={alice.UserId}", server.AdminSecret)).Body["entries"]!.AsArray();
        entries.Select(entry => entry!["action"]!.GetValue<string>()).ShouldBe(["account.disable", "account.enable", "account.logout"]);
        entries[0]!["reason"]!.GetValue<string>().ShouldBe("cheats");
        entries[0]!["actor"]!.GetValue<string>().ShouldStartWith("admin:");
        entries[0]!["address"]!.GetValue<string>().ShouldBe("127.0.0.1");
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("enable")]
    [InlineData("logout")]
    public async Task What_admins_do_is_for_admins_and_accounts_that_there_are(string action)
    {
        await using var server = await AccountServer.StartAsync("--store", "memory");
        var alice = await server.RegisterAsync("alice");
        (await server.PostAsync($"/api/v1/accounts/{alice.UserId}/{action}", null, alice.AccessToken)).ShouldBe(403);
        (await server.PostAsync($"/api/v1/accounts/{alice.UserId}/{action}", null)).ShouldBe(401);
        (await server.PostAsync($"/api/v1/accounts/nobody/{action}", null, server.AdminSecret)).ShouldBe(404, "auth.no_such_account");
        (await server.GetAsync("/api/v1/audit?user=nobody", server.AdminSecret)).Body["entries"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_player_changes_its_password_and_everybody_else_is_out()
    {
        await using var server = await AccountServer.StartAsync();
        var here = await server.RegisterAsync("alice");
        var there = await server.LogInAsync("alice");
        var bob = await server.RegisterAsync("bob");
        var path = $"/api/v1/accounts/{here.UserId}/password";
        (await server.PostAsync(path, new { current = "wrong password", @new = "another horse 8" }, here.AccessToken)).ShouldBe(401, "auth.login_failed");
        (await server.PostAsync(path, new { @new = "another horse 8" }, here.AccessToken)).ShouldBe(400, "request.invalid");
        (await server.PostAsync(path, new { current = AccountServer.Password, @new = "alice" }, here.AccessToken)).ShouldBe(400, "auth.bad_password");
        (await server.PostAsync(path, new { current = AccountServer.Password, @new = "another horse 8" }, bob.AccessToken)).ShouldBe(403, "auth.forbidden");
        (await server.PostAsync(path, new { current = AccountServer.Password, @new = "another horse 8" }, here.AccessToken)).ShouldBe(204);
        (await server.GetAsync(Session, here.AccessToken)).ShouldBe(200);
        (await server.GetAsync(Session, there.AccessToken)).ShouldBe(401);
        (await server.LogInAsync("alice")).ShouldBe(401);
        (await server.LogInAsync("alice", "another horse 8")).ShouldBe(200);
    }

    [Fact]
    public async Task Whoever_has_a_players_token_can_not_guess_its_password_for_ever()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        for (var i = 0; i < 10; i++)
            (await server.PostAsync($"/api/v1/accounts/{alice.UserId}/password", new { current = "wrong password", @new = "another horse 8" }, alice.AccessToken)).ShouldBe(401);
        (await server.PostAsync($"/api/v1/accounts/{alice.UserId}/password", new { current = AccountServer.Password, @new = "another horse 8" }, alice.AccessToken)).ShouldBe(429, "auth.locked_out");
    }

    [Fact]
    public async Task An_admin_sets_a_password_which_ends_the_lock_out_and_all_sessions()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        for (var i = 0; i < 11; i++)
            await server.LogInAsync("alice", "wrong password");
        var path = $"/api/v1/accounts/{alice.UserId}/password";
        (await server.PostAsync(path, new { @new = "another horse 8", reason = "ticket-7" }, server.AdminSecret)).ShouldBe(204);
        (await server.GetAsync(Session, alice.AccessToken)).ShouldBe(401);
        (await server.LogInAsync("alice", "another horse 8")).ShouldBe(200);
        var entry = (await server.GetAsync($"/api/v1/audit?user={alice.UserId}", server.AdminSecret)).Body["entries"]!.AsArray().ShouldHaveSingleItem()!;
        entry["action"]!.GetValue<string>().ShouldBe("account.password");
        entry.ToJsonString().ShouldNotContain("another horse");
        (await server.PostAsync("/api/v1/accounts/nobody/password", new { @new = "another horse 8" }, server.AdminSecret)).ShouldBe(404, "auth.no_such_account");
        var device = await server.PostAsync(Session + "/login", new { deviceId = "device-of-carol-1", create = true });
        (await server.PostAsync($"/api/v1/accounts/{device.UserId}/password", new { @new = "another horse 8" }, server.AdminSecret)).ShouldBe(404, "auth.no_such_identity");
    }

    [Fact]
    public async Task A_player_links_a_name_to_its_device_and_takes_the_device_away_but_never_the_last()
    {
        await using var server = await AccountServer.StartAsync();
        const string Identities = "/api/v1/accounts/me/identities", Device = "device-of-alice-1";
        var alice = await server.PostAsync(Session + "/login", new { deviceId = Device, create = true });
        (await server.UnlinkAsync("device", alice.AccessToken)).ShouldBe(409, "auth.last_identity");
        (await server.RegisterAsync("bob")).ShouldBe(201);
        (await server.PostAsync(Identities, new { userName = "bob", password = AccountServer.Password }, alice.AccessToken)).ShouldBe(409, "auth.identity_taken");
        (await server.PostAsync(Identities, new { userName = "alice", password = AccountServer.Password, currentDeviceId = Device }, alice.AccessToken)).ShouldBe(204);
        (await server.PostAsync(Identities, new { userName = "alice2", password = AccountServer.Password }, alice.AccessToken)).ShouldBe(409, "auth.identity_exists");
        (await server.LogInAsync("alice")).ShouldBe(200).UserId.ShouldBe(alice.UserId);
        (await server.UnlinkAsync("device", alice.AccessToken, AccountServer.Password)).ShouldBe(204);
        (await server.UnlinkAsync("device", alice.AccessToken)).ShouldBe(404, "auth.no_such_identity");
        (await server.UnlinkAsync("sp-account", alice.AccessToken)).ShouldBe(404, "auth.no_such_identity");
        (await server.UnlinkAsync("name", alice.AccessToken)).ShouldBe(409, "auth.last_identity");
        (await server.PostAsync(Session + "/login", new { deviceId = Device })).ShouldBe(401, "auth.login_failed");

        // The device is free for somebody else.
        (await server.PostAsync(Session + "/login", new { deviceId = Device, create = true })).ShouldBe(200).UserId.ShouldNotBe(alice.UserId);
    }

    [Theory]
    [InlineData("logout", 401, "auth.unauthenticated")]
    [InlineData("disable", 401, "auth.unauthenticated")]
    [InlineData("erase", 404, "auth.no_such_account")]
    public async Task Whoever_is_out_before_the_password_was_hashed_links_nothing_any_more(string how, int status, string code)
    {
        await using var server = await AccountServer.StartAsync("--Savepoint:Accounts:PasswordThreads=1");
        var alice = await server.PostAsync(Session + "/login", new { deviceId = "device-of-alice-1", create = true });
        var threads = server.Server.App.Services.GetRequiredService<PasswordThreads>();
        using var free = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var blocking = threads.RunAsync(
            () =>
            {
                begun.SetResult();
                return free.Wait(TimeSpan.FromMinutes(1));
            },
            CancellationToken.None);
        await begun.Task;
        var linking = server.PostAsync("/api/v1/accounts/me/identities", new { userName = "alice", password = AccountServer.Password, currentDeviceId = "device-of-alice-1" }, alice.AccessToken);
        while (threads.Waiting == 0 && !linking.IsCompleted)
            await Task.Yield();
        var ended = how == "logout"
            ? await server.PostAsync(Session + "/logout", new { everywhere = true }, alice.AccessToken)
            : how == "disable" ? await server.PostAsync($"/api/v1/accounts/{alice.UserId}/disable", null, server.AdminSecret)
            : await server.PostAsync($"/api/v1/users/{alice.UserId}/erase", new { reason = "asked" }, server.AdminSecret);
        ended.ShouldBe(how == "erase" ? 200 : 204);
        free.Set();
        (await blocking).ShouldBeTrue();
        (await linking).ShouldBe(status, code);
        (await server.RegisterAsync("alice")).ShouldBe(201).UserId.ShouldNotBe(alice.UserId);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_before_its_password_costs_anything()
    {
        await using var server = await AccountServer.StartAsync("--Savepoint:Accounts:PasswordThreads=1");
        await server.RegisterAsync("bob");
        var alice = await server.PostAsync(Session + "/login", new { deviceId = "device-of-alice-1", create = true });
        using var free = new ManualResetEventSlim();
        var blocking = server.Server.App.Services.GetRequiredService<PasswordThreads>().RunAsync(() => free.Wait(TimeSpan.FromMinutes(1)), CancellationToken.None);
        (await server.PostAsync("/api/v1/accounts/me/identities", new { userName = "bob", password = AccountServer.Password }, alice.AccessToken)).ShouldBe(409, "auth.identity_taken");
        free.Set();
        (await blocking).ShouldBeTrue();
    }

    [Fact]
    public async Task Sessions_that_have_expired_are_not_listed()
    {
        await using var server = await AccountServer.StartAsync();
        await server.RegisterAsync("alice");
        server.Clock.Shift(TimeSpan.FromDays(29));
        var second = await server.LogInAsync("alice");
        server.Clock.Shift(TimeSpan.FromDays(2));
        second = (await server.RefreshAsync(second.RefreshToken)).ShouldBe(200);
        var listed = (await server.GetAsync(Session, second.AccessToken)).ShouldBe(200).Body["sessions"]!.AsArray().ShouldHaveSingleItem()!;
        listed["id"]!.GetValue<string>().ShouldBe(second.SessionId);
    }

    [Fact]
    public async Task A_body_of_no_type_is_refused_and_not_passed_over()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        (await server.PostAsync(Session + "/logout", new UntypedContent("""{"everywhere":true}"""), alice.AccessToken)).ShouldBe(415);
        (await server.GetAsync(Session, alice.AccessToken)).ShouldBe(200);
    }

    [Theory]
    [InlineData("application/json", false)]
    [InlineData("application/x-www-form-urlencoded", false)]
    [InlineData("application/json", true)]
    [InlineData(null, true)]
    public async Task A_body_of_no_bytes_is_none_whatever_its_type(string? type, bool inChunks)
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        (await server.PostAsync(Session + "/logout", Empty(), alice.AccessToken)).ShouldBe(204);
        (await server.GetAsync(Session, alice.AccessToken)).ShouldBe(401);
        foreach (var action in new[] { "disable", "enable", "logout" })
            (await server.PostAsync($"/api/v1/accounts/{alice.UserId}/{action}", Empty(), server.AdminSecret)).ShouldBe(204);

        HttpContent Empty()
        {
            HttpContent content = inChunks ? new UntypedContent("") : new ByteArrayContent([]);
            content.Headers.ContentType = type is null ? null : new(type);
            return content;
        }
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("password")]
    [InlineData("identities")]
    public async Task A_reason_has_no_control_characters(string what)
    {
        await using var server = await AccountServer.StartAsync("--store", "memory");
        var alice = await server.RegisterAsync("alice");
        foreach (var reason in new[] { "ticket\07", "ticket\u001b[2J", "a\nb" })
        {
            var body = what switch
            {
                "disable" => new JsonObject { ["reason"] = reason },
                "password" => new JsonObject { ["new"] = "another horse 8", ["reason"] = reason },
                _ => new JsonObject { ["userName"] = "alice", ["password"] = "another horse 8", ["reason"] = reason },
            };
            (await server.PostAsync($"/api/v1/accounts/{alice.UserId}/{what}", body, server.AdminSecret)).ShouldBe(400, "request.invalid");
        }

        (await server.GetAsync(Session, alice.AccessToken)).ShouldBe(200);
    }

    [Fact]
    public async Task Of_two_identities_that_are_taken_away_at_once_one_stays()
    {
        await using var server = await AccountServer.StartAsync();
        for (var i = 0; i < 10; i++)
        {
            var user = await server.RegisterAsync($"user-{i}", deviceId: $"device-of-user-{i}-1");
            var answers = await Task.WhenAll(
                server.UnlinkAsync("name", user.AccessToken, AccountServer.Password), server.UnlinkAsync("device", user.AccessToken, AccountServer.Password));

            // Whoever comes second is told that it is the last, or, where the name went while it waited, that its password is none any more.
            var refused = answers.Where(answer => answer.Status != 204).ShouldHaveSingleItem();
            refused.Code.ShouldBeOneOf("auth.last_identity", "auth.login_failed");
            (await server.GetAsync(Session, user.AccessToken)).ShouldBe(200).Body["identities"]!.AsArray().ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task An_export_shows_the_account_without_secrets_and_an_erasure_takes_all_of_it()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice", deviceId: "device-of-alice-1");
        var bob = await server.RegisterAsync("bob");
        var export = (await server.GetAsync($"/api/v1/users/{alice.UserId}/export?reason=asked", server.AdminSecret)).ShouldBe(200).Body!;
        export["complete"]!.GetValue<bool>().ShouldBeTrue();
        var account = export["records"]!["account"]!;
        account["identities"]!.AsArray().Select(identity => identity!["type"]!.GetValue<string>()).ShouldBe(["device", "name"], ignoreOrder: true);
        account["sessions"]![0]!["address"]!.GetValue<string>().ShouldBe("127.0.0.1");
        var text = export.ToJsonString();
        foreach (var secret in new[] { await server.PasswordHashAsync("alice"), "device-of-alice-1", "password", "token" })
            text.ShouldNotContain(secret);

        var erased = (await server.PostAsync($"/api/v1/users/{alice.UserId}/erase", new { reason = "asked" }, server.AdminSecret)).ShouldBe(200).Body!;
        erased["complete"]!.GetValue<bool>().ShouldBeTrue();
        erased["erased"]!.AsArray().Count(entity => entity!["kind"]!.GetValue<string>() is "sp-account" or "sp-identity").ShouldBe(3);
        (await server.GetAsync(Session, alice.AccessToken)).ShouldBe(401);
        (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(401, "auth.refresh_invalid");
        (await server.LogInAsync("alice")).ShouldBe(401, "auth.login_failed");
        (await server.PostAsync(Session + "/login", new { deviceId = "device-of-alice-1" })).ShouldBe(401, "auth.login_failed");
        (await server.GetAsync($"/api/v1/users/{alice.UserId}/export?reason=asked", server.AdminSecret)).Body["records"]!["account"].ShouldBeNull();
        (await server.PostAsync($"/api/v1/users/{alice.UserId}/erase", new { reason = "asked" }, server.AdminSecret)).ShouldBe(200);

        // Nobody else is touched, and the name is free.
        (await server.GetAsync(Session, bob.AccessToken)).ShouldBe(200);
        (await server.RegisterAsync("alice")).ShouldBe(201).UserId.ShouldNotBe(alice.UserId);
    }

    [Fact]
    public async Task Nobody_reaches_what_accounts_keep()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        foreach (var path in new[] { $"/api/v1/profiles/{alice.UserId}?kind=sp-account", "/api/v1/profiles/name:alice?kind=sp-identity" })
        {
            (await server.GetAsync(path, server.AdminSecret)).Status.ShouldBeOneOf(403, 404);
            (await server.GetAsync(path, alice.AccessToken)).Status.ShouldBeOneOf(403, 404);
        }

        var transaction = new JsonObject { ["mutations"] = new JsonArray(new JsonObject { ["kind"] = "sp-account", ["id"] = alice.UserId, ["intent"] = "disable" }) };
        (await server.PostAsync("/api/v1/transactions", transaction, server.AdminSecret)).Status.ShouldBeInRange(400, 499);
        (await server.GetAsync(Session, alice.AccessToken)).ShouldBe(200);
    }

    /// <summary>A body in chunks, which does not say what it is.</summary>
    private sealed class UntypedContent(string text) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
