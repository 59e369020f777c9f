using System.Text;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>Registration, against the real server.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task Who_registers_is_logged_in_and_can_log_in_again()
    {
        await using var server = await AccountServer.StartAsync();
        var registered = (await server.RegisterAsync("Alice")).ShouldBe(201);
        Guid.Parse(registered.UserId).Version.ShouldBe(7);
        registered.Text("tokenType").ShouldBe("Bearer");
        registered.Body["expiresIn"]!.GetValue<long>().ShouldBe(900);
        registered.Body["refreshExpiresIn"]!.GetValue<long>().ShouldBe(30 * 24 * 3600);
        registered.Body["created"]!.GetValue<bool>().ShouldBeTrue();
        (await server.GetAsync("/api/v1/session", registered.AccessToken)).ShouldBe(200).UserId.ShouldBe(registered.UserId);

        var again = (await server.LogInAsync("aLICE")).ShouldBe(200);
        again.UserId.ShouldBe(registered.UserId);
        again.SessionId.ShouldNotBe(registered.SessionId);
        again.Body["created"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task Of_fifty_who_register_one_name_at_once_one_gets_it()
    {
        await using var server = await AccountServer.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => server.RegisterAsync(i % 2 == 0 ? "alice" : "ALICE", $"password of {i}")));
        var winner = answers.Where(answer => answer.Status == 201).ShouldHaveSingleItem();
        answers.Where(answer => answer != winner).ShouldAllBe(answer => answer.Status == 409 && answer.Code == "auth.identity_taken");
        var password = $"password of {Array.IndexOf(answers, winner)}";
        (await server.LogInAsync("alice", password)).ShouldBe(200).UserId.ShouldBe(winner.UserId);
    }

    [Fact]
    public async Task A_device_that_is_taken_leaves_the_name_free()
    {
        await using var server = await AccountServer.StartAsync();
        (await server.RegisterAsync("alice", deviceId: "device-0123456789")).ShouldBe(201);
        (await server.RegisterAsync("bob", deviceId: "device-0123456789")).ShouldBe(409, "auth.identity_taken").Text("detail").ShouldContain("device");
        (await server.RegisterAsync("bob")).ShouldBe(201);
        (await server.PostAsync("/api/v1/session/login", new { deviceId = "device-0123456789" })).ShouldBe(200);
    }

    [Fact]
    public async Task A_registration_that_is_repeated_has_the_outcome_of_the_first()
    {
        await using var server = await AccountServer.StartAsync();
        var body = new { userName = "alice", password = AccountServer.Password };
        var first = (await server.PostAsync("/api/v1/session/register", body, null, ("Idempotency-Key", "k1"))).ShouldBe(201);
        var second = (await server.PostAsync("/api/v1/session/register", body, null, ("Idempotency-Key", "k1"))).ShouldBe(201);
        second.UserId.ShouldBe(first.UserId);
        (await server.GetAsync("/api/v1/session", second.AccessToken)).ShouldBe(200);
        (await server.PostAsync("/api/v1/session/register", body with { password = "another one 9" }, null, ("Idempotency-Key", "k1"))).ShouldBe(422, "request.reused");
        (await server.PostAsync("/api/v1/session/register", body, null, ("Idempotency-Key", "k2"))).ShouldBe(409, "auth.identity_taken");
        (await server.PostAsync("/api/v1/session/register", body with { userName = "bob" }, null, ("Idempotency-Key", "k1"))).ShouldBe(201).UserId.ShouldNotBe(first.UserId);
    }

    [Fact]
    public async Task A_registration_that_is_repeated_gives_nobody_the_account_of_who_has_the_name_by_then()
    {
        await using var server = await AccountServer.StartAsync();
        var body = new { userName = "alice", password = AccountServer.Password, deviceId = "device-of-mallory" };
        var first = (await server.PostAsync("/api/v1/session/register", body, null, ("Idempotency-Key", "k1"))).ShouldBe(201);
        (await server.UnlinkAsync("name", first.AccessToken, AccountServer.Password)).ShouldBe(204);
        (await server.PostAsync("/api/v1/session/register", body, null, ("Idempotency-Key", "k1"))).ShouldBe(401, "auth.login_failed");
        var victim = (await server.RegisterAsync("alice", "another horse 8")).ShouldBe(201);
        (await server.PostAsync("/api/v1/session/register", body, null, ("Idempotency-Key", "k1"))).ShouldBe(401, "auth.login_failed");
        (await server.GetAsync("/api/v1/session", victim.AccessToken)).ShouldBe(200).Body["sessions"]!.AsArray().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_registration_that_is_repeated_logs_in_by_no_password_that_is_not_one_any_more_and_breaks_no_lock_out()
    {
        await using var server = await AccountServer.StartAsync();
        var body = new { userName = "alice", password = AccountServer.Password };
        var first = (await server.PostAsync("/api/v1/session/register", body, null, ("Idempotency-Key", "k1"))).ShouldBe(201);
        var change = new { current = AccountServer.Password, @new = "another horse 8" };
        (await server.PostAsync($"/api/v1/accounts/{first.UserId}/password", change, first.AccessToken)).ShouldBe(204);
        for (var i = 0; i < 10; i++)
            (await server.PostAsync("/api/v1/session/register", body, null, ("Idempotency-Key", "k1"))).ShouldBe(401, "auth.login_failed");
        (await server.PostAsync("/api/v1/session/register", body, null, ("Idempotency-Key", "k1"))).ShouldBe(429, "auth.locked_out");
    }

    [Theory]
    [InlineData("al", "auth.bad_user_name")]
    [InlineData("a-name-of-thirty-three-characters", "auth.bad_user_name")]
    [InlineData("al ice", "auth.bad_user_name")]
    [InlineData("älice", "auth.bad_user_name")]
    [InlineData("аlice", "auth.bad_user_name")] // A Cyrillic letter.
    [InlineData("alice\n", "auth.bad_user_name")]
    [InlineData("", "auth.bad_user_name")]
    public async Task A_user_name_is_of_plain_letters(string userName, string code)
    {
        await using var server = await AccountServer.StartAsync("--store", "memory");
        (await server.RegisterAsync(userName)).ShouldBe(400, code);
    }

    [Theory]
    [InlineData("seven77")]
    [InlineData("Password1")]
    [InlineData("zzzzzzzzzzzz")]
    [InlineData("ALICE.in-chains")]
    public async Task A_password_is_none_that_is_tried_first(string password)
    {
        await using var server = await AccountServer.StartAsync("--store", "memory");
        (await server.RegisterAsync("alice.in-chains", password)).ShouldBe(400, "auth.bad_password").Body.ToJsonString().ShouldNotContain(password);
        (await server.RegisterAsync("alice.in-chains", new string('x', 64) + new string('y', 65))).ShouldBe(400, "auth.bad_password");
    }

    [Theory]
    [InlineData("""{"userName":"alice"}""", "request.invalid")]
    [InlineData("""{"userName":7,"password":"correct horse 7"}""", "request.invalid")]
    [InlineData("""{"userName":"alice","password":"correct horse 7","extra":1}""", "request.invalid")]
    [InlineData("""{"userName":"alice","password":"correct horse 7","device":""}""", "request.invalid")]
    [InlineData("""{"userName":"alice","password":"correct horse 7","deviceId":"short"}""", "auth.bad_device_id")]
    [InlineData("""["alice"]""", "request.invalid")]
    [InlineData("""{"userName":""", "document.invalid_json")]
    public async Task What_can_not_be_read_is_refused(string body, string code)
    {
        await using var server = await AccountServer.StartAsync("--store", "memory");
        (await server.PostAsync("/api/v1/session/register", new StringContent(body, Encoding.UTF8, "application/json"))).ShouldBe(400, code);
    }

    [Fact]
    public async Task A_body_has_8_KiB_at_most()
    {
        await using var server = await AccountServer.StartAsync("--store", "memory");
        (await server.RegisterAsync("alice", new string('x', 8 << 10))).ShouldBe(413, "request.body_too_large");
    }
}
