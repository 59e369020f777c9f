using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Hosting.Calls;
using Savepoint.Modules.Accounts.Records;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Protocol;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>Accounts and identities that can't be read, against the real server.</summary>
public sealed class DamagedAccountTests : IDisposable
{
    private static readonly string[] Args = ["--dev", "--Savepoint:Store=Sqlite", "--Savepoint:Accounts:PasswordIterations=10000"];

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("savepoint-test-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task Right_passwords_lock_nobody_out_while_the_account_can_not_be_reached()
    {
        await RegisterAndDamageAsync("sp-account");
        await using var server = await StartAsync();
        for (var i = 0; i < 12; i++)
            (await server.LogInAsync("alice")).Code.ShouldBe(ErrorCodes.Quarantined);
        for (var i = 0; i < 10; i++)
            (await server.LogInAsync("alice", "wrong password")).ShouldBe(401, "auth.login_failed");
        (await server.LogInAsync("alice")).ShouldBe(429, "auth.locked_out");
    }

    [Fact]
    public async Task A_user_whose_identity_was_removed_by_repair_is_erased_and_who_has_the_name_by_then_is_not()
    {
        var alice = await RegisterAndDamageAsync("sp-identity");
        await using var server = await StartAsync();
        await RepairAsync(server, "sp-identity", "name:alice");
        var other = (await server.RegisterAsync("alice", "another horse 8")).ShouldBe(201);
        var erased = await EraseAsync(server, alice.UserId);
        erased["complete"]!.GetValue<bool>().ShouldBeTrue();
        (await server.GetAsync("/api/v1/session", alice.AccessToken)).ShouldBe(401);
        (await server.LogInAsync("alice", "another horse 8")).ShouldBe(200).UserId.ShouldBe(other.UserId);
        (await EraseAsync(server, other.UserId))["complete"]!.GetValue<bool>().ShouldBeTrue();
        (await server.RegisterAsync("alice")).ShouldBe(201);
    }

    [Fact]
    public async Task What_an_identity_that_was_removed_by_repair_has_left_is_erased()
    {
        var alice = await RegisterAndDamageAsync("sp-identity");
        await using var server = await StartAsync();
        await RepairAsync(server, "sp-identity", "name:alice");
        KeysIn(await EraseAsync(server, alice.UserId), "erased").ShouldBe([("sp-account", alice.UserId), ("sp-identity", "name:alice")], ignoreOrder: true);
        (await server.RegisterAsync("alice")).ShouldBe(201);
    }

    [Fact]
    public async Task An_account_that_can_not_be_read_is_named_and_after_its_removal_its_identities_are_erased()
    {
        var alice = await RegisterAndDamageAsync("sp-account");
        await using var server = await StartAsync();
        var erased = await EraseAsync(server, alice.UserId);
        erased["complete"]!.GetValue<bool>().ShouldBeFalse();
        KeysIn(erased, "unreadable").ShouldBe([("sp-account", alice.UserId)]);
        var export = (await server.GetAsync($"/api/v1/users/{alice.UserId}/export?reason=asked", server.AdminSecret)).ShouldBe(200).Body!;
        export["records"]!["account"]!["unreadable"]!.GetValue<string>().ShouldBe(ErrorCodes.Quarantined);
        export["complete"]!.GetValue<bool>().ShouldBeTrue();

        await RepairAsync(server, "sp-account", alice.UserId);
        erased = await EraseAsync(server, alice.UserId);
        erased["complete"]!.GetValue<bool>().ShouldBeTrue();
        KeysIn(erased, "erased").ShouldBe([("sp-account", alice.UserId), ("sp-identity", "name:alice")], ignoreOrder: true);
        (await server.RegisterAsync("alice")).ShouldBe(201).UserId.ShouldNotBe(alice.UserId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_identity_that_can_not_be_read_may_be_that_of_a_user_whose_account_is_gone_and_is_named(bool isLoaded)
    {
        Answer alice;
        await using (var server = await StartAsync())
        {
            alice = (await server.RegisterAsync("alice")).ShouldBe(201);
            await server.RegisterAsync("bob");
        }

        StoredEntities.Damage(_data, "sp-account", alice.UserId);
        StoredEntities.Damage(_data, "sp-identity", "name:bob");
        await using var restarted = await StartAsync();
        await RepairAsync(restarted, "sp-account", alice.UserId);
        if (isLoaded)
            (await restarted.LogInAsync("bob")).Code.ShouldBe(ErrorCodes.Quarantined);
        var erased = await EraseAsync(restarted, alice.UserId);
        erased["complete"]!.GetValue<bool>().ShouldBeFalse();
        KeysIn(erased, "unreadable").ShouldBe([("sp-identity", "name:bob")]);
        KeysIn(erased, "erased").ShouldBe([("sp-identity", "name:alice")], "whatever is wrong with others, nobody can log in with what is the user's");
        (await restarted.RegisterAsync("alice", "another horse 8")).ShouldBe(201).UserId.ShouldNotBe(alice.UserId);
        erased = await EraseAsync(restarted, alice.UserId);
        erased["complete"]!.GetValue<bool>().ShouldBeFalse("it still may be the user's");
        (KeysIn(erased, "unreadable").Single(), KeysIn(erased, "erased").Length).ShouldBe((("sp-identity", "name:bob"), 0));
        await RepairAsync(restarted, "sp-identity", "name:bob");
        erased = await EraseAsync(restarted, alice.UserId);
        erased["complete"]!.GetValue<bool>().ShouldBeTrue();
        KeysIn(erased, "erased").ShouldContain(("sp-account", alice.UserId));
        (await restarted.LogInAsync("alice", "another horse 8")).ShouldBe(200);
    }

    [Fact]
    public async Task An_erasure_that_is_finished_is_complete_whatever_is_damaged_when_it_is_run_again()
    {
        Answer alice;
        await using (var server = await StartAsync())
        {
            alice = (await server.RegisterAsync("alice")).ShouldBe(201);
            await server.RegisterAsync("bob");
            (await EraseAsync(server, alice.UserId))["complete"]!.GetValue<bool>().ShouldBeTrue();
        }

        StoredEntities.Damage(_data, "sp-identity", "name:bob");
        await using var restarted = await StartAsync();
        var erased = await EraseAsync(restarted, alice.UserId);
        (erased["complete"]!.GetValue<bool>(), KeysIn(erased, "erased").Length, KeysIn(erased, "unreadable").Length).ShouldBe((true, 0, 0));
    }

    [Fact]
    public async Task An_account_that_can_be_read_is_erased_with_all_its_identities_or_not_at_all()
    {
        var alice = await RegisterAndDamageNameAsync();
        await using var restarted = await StartAsync();
        var erased = await EraseAsync(restarted, alice.UserId);
        erased["complete"]!.GetValue<bool>().ShouldBeFalse();
        (KeysIn(erased, "erased").Length, KeysIn(erased, "unreadable").Single()).ShouldBe((0, ("sp-identity", "name:alice")));
        (await restarted.PostAsync("/api/v1/session/login", new { deviceId = "device-of-alice-1" })).ShouldBe(200).UserId.ShouldBe(alice.UserId);
    }

    [Fact]
    public async Task An_erasure_that_is_run_again_looks_through_no_identities()
    {
        await using var server = await AccountServer.StartAsync();
        var alice = (await server.RegisterAsync("alice")).ShouldBe(201);
        await EraseAsync(server, alice.UserId);
        var services = server.Server.App.Services;
        var (inner, options) = (services.GetRequiredService<IStateEngine>(), services.GetRequiredService<EngineOptions>());
        var counting = new CountingEngine(inner);
        var engine = new AccountEngine(new EngineCalls(counting, TimeProvider.System));
        var records = new AccountRecords(engine, new LostIdentities(engine, options));
        var erased = await records.EraseAsync(alice.UserId, "admin:root", TestContext.Current.CancellationToken);
        (erased.Erased.Count, erased.Unreadable.Count).ShouldBe((0, 0));
        counting.Scans.ShouldBe(0);
    }

    [Fact]
    public async Task An_identity_that_is_somebody_elses_by_now_stays_when_it_is_taken_away()
    {
        var alice = await RegisterAndDamageNameAsync();
        await using var restarted = await StartAsync();
        await RepairAsync(restarted, "sp-identity", "name:alice");
        var other = (await restarted.RegisterAsync("alice", "another horse 8")).ShouldBe(201);
        alice = (await restarted.PostAsync("/api/v1/session/login", new { deviceId = "device-of-alice-1" })).ShouldBe(200);
        (await restarted.UnlinkAsync("name", alice.AccessToken, "another horse 8")).ShouldBe(401, "auth.login_failed");
        (await restarted.DeleteAsync($"/api/v1/accounts/{alice.UserId}/identities/name", restarted.AdminSecret)).ShouldBe(204);
        (await restarted.LogInAsync("alice", "another horse 8")).ShouldBe(200).UserId.ShouldBe(other.UserId);
    }

    [Fact]
    public async Task A_key_of_another_length_is_found_at_the_start()
    {
        await using (await StartAsync())
        {
        }

        File.WriteAllBytes(System.IO.Path.Combine(_data.FullName, "server-key"), []);
        (await Should.ThrowAsync<InvalidDataException>(StartAsync)).Message.ShouldContain("server-key");
    }

    /// <summary>Somebody with a name that can't be read any more and a device that can, in the data of a server that has stopped.</summary>
    private async Task<Answer> RegisterAndDamageNameAsync()
    {
        Answer alice;
        await using (var server = await StartAsync())
            alice = (await server.RegisterAsync("alice", deviceId: "device-of-alice-1")).ShouldBe(201);
        StoredEntities.Damage(_data, "sp-identity", "name:alice");
        return alice;
    }

    private static (string Kind, string Id)[] KeysIn(JsonObject answer, string list) =>
        [.. answer[list]!.AsArray().Select(key => (key!["kind"]!.GetValue<string>(), key["id"]!.GetValue<string>())).Where(key => key.Item1.StartsWith("sp-", StringComparison.Ordinal))];

    private static async Task<JsonObject> EraseAsync(AccountServer server, string userId) =>
        (await server.PostAsync($"/api/v1/users/{userId}/erase", new { reason = "asked" }, server.AdminSecret)).ShouldBe(200).Body!;

    private static async Task RepairAsync(AccountServer server, string kind, string id) => (await server.PostAsync(
        $"/api/v1/quarantine/{kind}/{Uri.EscapeDataString(id)}/repair", new { remove = true, reason = "disk" }, server.AdminSecret)).ShouldBe(200);

    private Task<AccountServer> StartAsync() => AccountServer.StartAsync(_data, Args);

    private async Task<Answer> RegisterAndDamageAsync(string kind)
    {
        Answer alice;
        await using (var server = await StartAsync())
            alice = (await server.RegisterAsync("alice")).ShouldBe(201);
        StoredEntities.Damage(_data, kind);
        return alice;
    }

    private sealed class CountingEngine(IStateEngine inner) : IStateEngine
    {
        public int Scans { get; private set; }

        public Guid DatabaseId => inner.DatabaseId;

        public void Read(EntityLookup lookup)
        {
            if (lookup is EntityScan)
                Scans++;
            inner.Read(lookup);
        }

        public void Submit(Unit unit) => inner.Submit(unit);

        public void Watch(Watcher watcher) => inner.Watch(watcher);

        public void Unwatch(Watcher watcher) => inner.Unwatch(watcher);

        public void OpenSession(SessionHolder holder) => inner.OpenSession(holder);

        public void Disconnect(SessionHolder holder) => inner.Disconnect(holder);
    }
}
