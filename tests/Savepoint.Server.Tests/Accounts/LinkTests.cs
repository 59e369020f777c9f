using System.Text.Json.Nodes;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>Who may link another way into an account, and take one away, against the real server.</summary>
public sealed class LinkTests
{
    private const string Session = "/api/v1/session", Device = "device-of-alice-1", Thief = "device-of-mallory";

    [Fact]
    public async Task Whoever_has_a_token_of_a_player_with_a_name_links_and_unlinks_nothing_without_its_password()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice", deviceId: Device);
        (await server.UnlinkAsync("device", alice.AccessToken)).ShouldBe(400, "request.invalid");
        (await server.UnlinkAsync("name", alice.AccessToken)).ShouldBe(400, "request.invalid");
        (await server.UnlinkAsync("name", alice.AccessToken, "wrong password")).ShouldBe(401, "auth.login_failed");
        (await server.UnlinkAsync("device", alice.AccessToken, AccountServer.Password)).ShouldBe(204);
        (await server.LinkAsync(new { deviceId = Thief }, alice.AccessToken)).ShouldBe(400, "request.invalid");
        (await server.LinkAsync(new { deviceId = Thief, current = "wrong password" }, alice.AccessToken)).ShouldBe(401, "auth.login_failed");
        (await server.PostAsync(Session + "/login", new { deviceId = Thief })).ShouldBe(401);
        (await server.LinkAsync(new { deviceId = Device, current = AccountServer.Password }, alice.AccessToken)).ShouldBe(204);
        (await server.PostAsync(Session + "/login", new { deviceId = Device })).ShouldBe(200).UserId.ShouldBe(alice.UserId);
        (await server.LogInAsync("alice")).ShouldBe(200).UserId.ShouldBe(alice.UserId);
    }

    [Theory]
    [InlineData("link")]
    [InlineData("unlink")]
    public async Task Whoever_has_a_players_token_can_not_guess_its_password_by_links_for_ever(string how)
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice", deviceId: how == "link" ? null : Device);
        for (var i = 0; i < 10; i++)
            (await TryAsync("wrong password")).ShouldBe(401, "auth.login_failed");
        (await TryAsync(AccountServer.Password)).ShouldBe(429, "auth.locked_out");

        Task<Answer> TryAsync(string current) => how == "link"
            ? server.LinkAsync(new { deviceId = Device, current }, alice.AccessToken)
            : server.UnlinkAsync("device", alice.AccessToken, current);
    }

    [Fact]
    public async Task Links_forget_wrong_passwords_as_logins_do()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.RegisterAsync("alice");
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 6; i++)
                (await server.LogInAsync("alice", "wrong password")).ShouldBe(401, "auth.login_failed");
            (await (round % 2 == 0
                ? server.LinkAsync(new { deviceId = Device, current = AccountServer.Password }, alice.AccessToken)
                : server.UnlinkAsync("device", alice.AccessToken, AccountServer.Password))).ShouldBe(204);
        }
    }

    [Fact]
    public async Task Whoever_has_a_token_of_a_player_without_a_name_links_and_unlinks_nothing_however_fresh_its_login()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.PostAsync(Session + "/login", new { deviceId = Device, create = true });
        var studio = await server.Server.DevelopmentTokenAsync("studio:alice");
        (await server.LinkAsync(new { token = studio, currentDeviceId = Device }, alice.AccessToken)).ShouldBe(204);
        (await server.PostAsync(Session + "/login", new { deviceId = Thief, create = true })).ShouldBe(200).UserId.ShouldNotBe(alice.UserId);
        var of = await server.Server.DevelopmentTokenAsync("studio:mallory");
        var name = new { userName = "mallory", password = AccountServer.Password };
        (await server.LinkAsync(name, alice.AccessToken)).ShouldBe(400, "request.invalid");
        (await server.LinkAsync(new { name.userName, name.password, current = name.password }, alice.AccessToken)).ShouldBe(404, "auth.no_such_identity");
        (await server.LinkAsync(new { name.userName, name.password, currentDeviceId = "device-of-nobody-1" }, alice.AccessToken)).ShouldBe(401, "auth.login_failed");
        (await server.LinkAsync(new { name.userName, name.password, currentDeviceId = "short" }, alice.AccessToken)).ShouldBe(401, "auth.login_failed");
        (await server.LinkAsync(new { name.userName, name.password, currentDeviceId = Thief }, alice.AccessToken)).ShouldBe(401, "auth.login_failed");
        (await server.LinkAsync(new { name.userName, name.password, currentToken = of }, alice.AccessToken)).ShouldBe(401, "auth.login_failed");
        (await server.LinkAsync(new { name.userName, name.password, currentToken = alice.AccessToken }, alice.AccessToken)).ShouldBe(401, "auth.login_failed");
        (await server.UnlinkAsync("device", alice.AccessToken)).ShouldBe(400, "request.invalid");
        (await server.UnlinkAsync("device", alice.AccessToken, new { currentDeviceId = Thief })).ShouldBe(401, "auth.login_failed");
        (await server.UnlinkAsync("device", alice.AccessToken, new { currentToken = of })).ShouldBe(401, "auth.login_failed");
        (await server.PostAsync(Session + "/login", new { deviceId = Device })).ShouldBe(200).UserId.ShouldBe(alice.UserId);
        (await server.PostAsync(Session + "/login", new { token = studio })).ShouldBe(200).UserId.ShouldBe(alice.UserId);
        (await server.RegisterAsync("mallory")).ShouldBe(201);
    }

    [Fact]
    public async Task A_player_without_a_name_links_and_unlinks_with_its_device_or_a_token_of_the_studios_own()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.PostAsync(Session + "/login", new { deviceId = Device, create = true });
        var studio = await server.Server.DevelopmentTokenAsync("studio:alice");
        server.Clock.Shift(TimeSpan.FromMinutes(20));
        alice = (await server.RefreshAsync(alice.RefreshToken)).ShouldBe(200);
        (await server.LinkAsync(new { token = studio, currentDeviceId = Device }, alice.AccessToken)).ShouldBe(204);
        (await server.UnlinkAsync("device", alice.AccessToken, new { currentToken = studio })).ShouldBe(204);
        (await server.LinkAsync(new { deviceId = Thief, currentDeviceId = Device }, alice.AccessToken)).ShouldBe(401, "auth.login_failed");
        (await server.LinkAsync(new { deviceId = Device, currentToken = studio }, alice.AccessToken)).ShouldBe(204);
        (await server.UnlinkAsync("studio", alice.AccessToken, new { currentToken = studio })).ShouldBe(204);
        (await server.LinkAsync(new { userName = "alice", password = AccountServer.Password, currentDeviceId = Device }, alice.AccessToken)).ShouldBe(204);
        (await server.UnlinkAsync("device", alice.AccessToken, new { currentDeviceId = Device })).ShouldBe(400, "request.invalid");
        (await server.UnlinkAsync("device", alice.AccessToken, AccountServer.Password)).ShouldBe(204);
        (await server.LogInAsync("alice")).ShouldBe(200).UserId.ShouldBe(alice.UserId);
    }

    [Fact]
    public async Task A_token_of_the_studios_own_that_names_a_user_links_nothing_by_itself()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.PostAsync(Session + "/login", new { deviceId = Device, create = true });
        var token = await server.Server.DevelopmentTokenAsync(alice.UserId);
        var name = new { userName = "alice", password = AccountServer.Password };
        (await server.LinkAsync(name, token)).ShouldBe(400, "request.invalid");
        (await server.LinkAsync(new { name.userName, name.password, currentToken = token }, token)).ShouldBe(401, "auth.login_failed");
        (await server.LinkAsync(new { name.userName, name.password, currentDeviceId = Device }, token)).ShouldBe(204);
    }

    [Fact]
    public async Task An_identity_that_is_taken_away_ends_all_sessions_but_the_one_that_asks()
    {
        await using var server = await AccountServer.StartAsync();

        // A phone that registered with both, and one that came by name and linked its device later.
        var phone = await server.RegisterAsync("alice", deviceId: Device);
        var desk = await server.LogInAsync("alice");
        (await server.UnlinkAsync("device", desk.AccessToken, AccountServer.Password)).ShouldBe(204);
        (await server.GetAsync(Session, phone.AccessToken)).ShouldBe(401);
        (await server.RefreshAsync(phone.RefreshToken)).ShouldBe(401, "auth.refresh_invalid");
        (await server.GetAsync(Session, desk.AccessToken)).ShouldBe(200).Body["sessions"]!.AsArray().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_name_is_taken_away_while_others_guess_its_password()
    {
        await using var server = await AccountServer.StartAsync("--Savepoint:Accounts:MaxFailures=1000");
        for (var i = 0; i < 5; i++)
        {
            var alice = await server.RegisterAsync($"alice-{i}", deviceId: $"{Device}-{i}");
            var guesses = Enumerable.Range(0, 8).Select(_ => server.LogInAsync($"alice-{i}", "wrong password")).ToArray();
            (await server.UnlinkAsync("name", alice.AccessToken, AccountServer.Password)).ShouldBe(204);
            (await Task.WhenAll(guesses)).ShouldAllBe(answer => answer.Status == 401);
            (await server.RegisterAsync($"alice-{i}")).ShouldBe(201).UserId.ShouldNotBe(alice.UserId);
        }
    }

    [Fact]
    public async Task An_admin_gives_an_account_back_to_its_player()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = await server.PostAsync(Session + "/login", new { deviceId = Thief, create = true });
        var identities = $"/api/v1/accounts/{alice.UserId}/identities";
        (await server.DeleteAsync(identities + "/device", server.AdminSecret)).ShouldBe(409, "auth.last_identity");
        (await server.RegisterAsync("bob")).ShouldBe(201);
        (await server.PostAsync(identities, new { userName = "bob", password = AccountServer.Password }, server.AdminSecret)).ShouldBe(409, "auth.identity_taken");
        (await server.PostAsync(identities, new { userName = "alice", password = "alice" }, server.AdminSecret)).ShouldBe(400, "auth.bad_password");
        (await server.PostAsync(identities, new { userName = "Alice", password = AccountServer.Password, reason = "ticket-7" }, server.AdminSecret)).ShouldBe(204);
        (await server.GetAsync(Session, alice.AccessToken)).ShouldBe(401);
        (await server.PostAsync(identities, new { userName = "alice2", password = AccountServer.Password }, server.AdminSecret)).ShouldBe(409, "auth.identity_exists");
        var again = (await server.PostAsync(Session + "/login", new { deviceId = Thief })).ShouldBe(200);
        (await server.DeleteAsync(identities + "/device", server.AdminSecret, new { reason = "ticket-7" })).ShouldBe(204);
        (await server.GetAsync(Session, again.AccessToken)).ShouldBe(401);
        (await server.PostAsync(Session + "/login", new { deviceId = Thief })).ShouldBe(401, "auth.login_failed");
        (await server.DeleteAsync(identities + "/device", server.AdminSecret)).ShouldBe(404, "auth.no_such_identity");
        (await server.LogInAsync("alice")).ShouldBe(200).UserId.ShouldBe(alice.UserId);

        var entries = (await server.GetAsync($"/api/v1/audit?user={alice.UserId}", server.AdminSecret)).Body["entries"]!.AsArray();
        entries.Select(entry => entry!["action"]!.GetValue<string>()).ShouldBe(["account.link", "account.unlink"]);
        entries.Select(entry => entry!["reason"]!.GetValue<string>()).ShouldAllBe(reason => reason == "ticket-7");
        entries[0]!["after"]!["identity"]!.GetValue<string>().ShouldBe("name");
        entries[1]!["before"]!["identity"]!.GetValue<string>().ShouldBe("device");
        entries.ToJsonString().ShouldNotContain("horse");
    }

    [Fact]
    public async Task The_identities_of_others_are_for_admins_and_accounts_that_there_are()
    {
        await using var server = await AccountServer.StartAsync("--store", "memory");
        var alice = await server.RegisterAsync("alice", deviceId: Device);
        var name = new { userName = "alice2", password = AccountServer.Password };
        (await server.PostAsync($"/api/v1/accounts/{alice.UserId}/identities", name, alice.AccessToken)).ShouldBe(403);
        (await server.DeleteAsync($"/api/v1/accounts/{alice.UserId}/identities/device", alice.AccessToken)).ShouldBe(403);
        (await server.PostAsync("/api/v1/accounts/nobody/identities", name, server.AdminSecret)).ShouldBe(404, "auth.no_such_account");
        (await server.DeleteAsync("/api/v1/accounts/nobody/identities/device", server.AdminSecret)).ShouldBe(404, "auth.no_such_account");
        (await server.PostAsync("/api/v1/accounts/me/identities", name, server.AdminSecret)).ShouldBe(403);
        (await server.RegisterAsync("alice2")).ShouldBe(201);
    }

    [Theory]
    [InlineData("""{"deviceId":"a-device-of-alice","create":true}""")]
    [InlineData("""{"deviceId":"a-device-of-alice","device":"Pixel 8"}""")]
    [InlineData("""{"deviceId":"a-device-of-alice","userName":"alice","password":"correct horse 7"}""")]
    [InlineData("""{"userName":"alice"}""")]
    [InlineData("""{"deviceId":"a-device-of-alice","currentDeviceId":"device-of-alice-1","current":"correct horse 7"}""")]
    [InlineData("""{"deviceId":"a-device-of-alice","currentDeviceId":"device-of-alice-1","currentToken":"a.b.c"}""")]
    [InlineData("{}")]
    public async Task A_link_says_one_way_in_and_nothing_else(string body)
    {
        await using var server = await AccountServer.StartAsync("--store", "memory");
        var alice = await server.PostAsync(Session + "/login", new { deviceId = Device, create = true });
        (await server.LinkAsync(JsonNode.Parse(body)!, alice.AccessToken)).ShouldBe(400, "request.invalid");
    }
}
