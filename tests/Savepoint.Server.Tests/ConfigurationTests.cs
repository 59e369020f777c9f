using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Savepoint.Engine.Kinds;
using Savepoint.Server.Configuration;
using Savepoint.Server.Hosting;
using Savepoint.Streams.Authentication;

namespace Savepoint.Server.Tests;

public sealed class ConfigurationTests
{
    private const string Secret = "Savepoint:GameServerSecret=0123456789abcdef";

    private static readonly string[] Cluster =
        ["Savepoint:Cluster:Enabled=true", "Savepoint:Store=postgres", "Savepoint:Postgres:ConnectionString=Host=db", "Savepoint:Node=eu-1"];

    [Fact]
    public void The_defaults_need_only_a_secret()
    {
        var options = Load(Secret);
        options.Listen.ShouldBe("http://127.0.0.1:7350");
        options.Store.ShouldBe(StoreKind.Sqlite);
        options.Kinds.ShouldBe(["profile"]);
        options.Streams.WriterResumeWithin.ShouldBe(TimeSpan.FromMinutes(9));
    }

    [Fact]
    public void Without_a_secret_it_does_not_start_but_in_development()
    {
        Errors().ShouldHaveSingleItem().ShouldContain("Savepoint:GameServerSecret");
        Load("Savepoint:Dev=true").Dev.ShouldBeTrue();
    }

    [Fact]
    public void Every_error_is_reported_at_once()
    {
        var errors = Errors(
            "Savepoint:GameServerSecret=short",
            "Savepoint:Listen=ftp://x",
            "Savepoint:DataPath=",
            "Savepoint:Kinds:0=Not A Kind",
            "Savepoint:MaxConnections=0",
            "Savepoint:KeepAliveInterval=00:00:00",
            "Savepoint:Tokens:KeysFile=nowhere.json",
            "Savepoint:Engine:ShardCount=0",
            "Savepoint:Engine:MaxSaveInterval=00:00:00.1",
            "Savepoint:Engine:MaxPublishBackoff=00:00:00",
            "Savepoint:Engine:JournalRetention=00:00:30",
            "Savepoint:Streams:Window=1000000",
            "Savepoint:Streams:DrainGrace=-00:00:01",
            "Savepoint:TrustedProxies:0=10.0.0.0/33",
            "Savepoint:RateLimits:Address:PerSecond=-1",
            "Savepoint:RateLimits:Session:PerSecond=31",
            "Savepoint:RateLimits:Player:Burst=0");
        foreach (var name in new[]
        {
            "GameServerSecret", "Listen", "DataPath", "Kinds", "MaxConnections", "KeepAliveInterval", "Tokens:KeysFile", "Tokens:Issuer", "Tokens:Audience",
            "Engine:ShardCount", "Engine:MaxSaveInterval", "Engine:MaxPublishBackoff", "Engine:JournalRetention", "Streams:Window", "Streams:DrainGrace",
            "TrustedProxies:0", "RateLimits:Address:PerSecond", "RateLimits:Session:Burst", "RateLimits:Player:Burst",
        })
            errors.ShouldContain(error => error.StartsWith($"Savepoint:{name}:", StringComparison.Ordinal), name);
    }

    [Fact]
    public void No_error_shows_a_secret() => Errors("Savepoint:GameServerSecret=hunter2", "Savepoint:Listen=x").ShouldAllBe(error => !error.Contains("hunter2", StringComparison.Ordinal));

    [Fact]
    public void PostgreSQL_needs_a_connection_string_and_its_limits_are_checked_only_where_it_is_used()
    {
        Load(Secret, "Savepoint:Postgres:MaxConnections=0").Store.ShouldBe(StoreKind.Sqlite);
        var errors = Errors(Secret, "Savepoint:Store=postgres", "Savepoint:Postgres:MaxConnections=0", "Savepoint:Postgres:CommandTimeout=00:20:00", "Savepoint:Postgres:BreakDuration=00:00:00");
        foreach (var name in new[] { "ConnectionString", "MaxConnections", "CommandTimeout", "BreakDuration" })
            errors.ShouldContain(error => error.StartsWith($"Savepoint:Postgres:{name}:", StringComparison.Ordinal), name);

        var options = Load(Secret, "Savepoint:Store=postgres", "Savepoint:Postgres:ConnectionString=Host=db", "Savepoint:Postgres:KindsWithoutJson:0=match").Postgres;
        (options.ConnectionString, options.KindsWithoutJson.Single()).ShouldBe(("Host=db", "match"));
    }

    [Fact]
    public void What_does_not_fit_together_of_accounts_is_listed() =>
        Errors(
            Secret,
            "Savepoint:Accounts:AccessTokenLifetime=02:00:00",
            "Savepoint:Accounts:KeyRotation=01:00:00",
            "Savepoint:Accounts:LockOut=01:00:00",
            "Savepoint:Accounts:MaxLockOut=00:30:00",
            "Savepoint:Accounts:MaxSessions=0").Select(error => string.Join(':', error.Split(':')[..3]))
            .ShouldBe(["Savepoint:Accounts:MaxSessions", "Savepoint:Accounts:AccessTokenLifetime", "Savepoint:Accounts:LockOut"]);

    [Theory]
    [InlineData("00:03:00", "00:02:00", true)]
    [InlineData("00:02:59", "00:02:00", false)]
    [InlineData("00:00:10", "00:00:06", true)]
    [InlineData("00:00:10", "00:02:00", false)]
    public void A_refresh_token_may_be_repeated_for_two_thirds_of_what_an_access_token_lives(string lifetime, string grace, bool fits)
    {
        string[] args = [Secret, "Savepoint:Accounts:AccessTokenLifetime=" + lifetime, "Savepoint:Accounts:RefreshGrace=" + grace];
        if (fits)
            Load(args).Accounts.RefreshGrace.ShouldBe(TimeSpan.Parse(grace, CultureInfo.InvariantCulture));
        else
            Errors(args).ShouldHaveSingleItem().ShouldStartWith("Savepoint:Accounts:RefreshGrace:");
    }

    [Fact]
    public void Several_databases_hold_each_shard_once()
    {
        var databases = Load(
            Secret,
            "Savepoint:Store=postgres",
            "Savepoint:Postgres:MaxConnections=3",
            "Savepoint:Postgres:Databases:0:Shards=0-31",
            "Savepoint:Postgres:Databases:0:ConnectionString=Host=one",
            "Savepoint:Postgres:Databases:1:Shards=32-63",
            "Savepoint:Postgres:Databases:1:ConnectionString=Host=two").Postgres.ForEach();
        databases.Select(database => (database.Shards.ToString(), database.Options.ConnectionString, database.Options.MaxConnections))
            .ShouldBe([("0-31", "Host=one", 3), ("32-63", "Host=two", 3)]);
    }

    [Fact]
    public void Everything_that_is_wrong_with_several_databases_is_listed()
    {
        Errors(
            Secret,
            "Savepoint:Store=postgres",
            "Savepoint:Postgres:ConnectionString=Host=one",
            "Savepoint:Postgres:Databases:0:Shards=0-31",
            "Savepoint:Postgres:Databases:0:ConnectionString=Host=one",
            "Savepoint:Postgres:Databases:1:Shards=33-63",
            "Savepoint:Postgres:Databases:1:ConnectionString=Host=one").ShouldBe(
        [
            "Savepoint:Postgres:Databases:1:ConnectionString: is that of another one: each range has a database of its own.",
            "Savepoint:Postgres:Databases: no database holds the shards 32-32.",
            "Savepoint:Postgres:ConnectionString: and Databases exclude each other: remove one of them.",
        ]);
        Errors(Secret, "Savepoint:Store=postgres", "Savepoint:Postgres:Databases:0:Shards=all", "Savepoint:Postgres:Databases:0:ConnectionString=").ShouldBe(
        [
            "Savepoint:Postgres:Databases:0:Shards: 'all' is no range of shards such as 0-31.",
            "Savepoint:Postgres:Databases:0:ConnectionString: is missing: Host=…;Database=…;Username=…;Password=….",
        ]);
        Errors(Secret, "Savepoint:Store=postgres", "Savepoint:Engine:ShardCount=8", "Savepoint:Postgres:Databases:0:Shards=0-15", "Savepoint:Postgres:Databases:0:ConnectionString=Host=one")
            .ShouldBe(["Savepoint:Postgres:Databases: there are no shards 8-15: the last one is 7."]);
    }

    [Fact]
    public void Keys_have_a_role_a_level_and_a_secret_of_their_own_which_may_stand_in_a_file()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "secret-of-the-shop-0123\n");
        var options = Load(
            Secret, $"Savepoint:Access:Keys:0:SecretFile={file}", "Savepoint:Access:Keys:0:Role=service", "Savepoint:Access:Keys:0:Name=shop", "Savepoint:Access:Keys:0:Level=3",
            "Savepoint:Access:Keys:1:Secret=secret-of-an-admin", "Savepoint:Access:Keys:1:Role=Admin");
        AccessKeySource.Read(options, development: null).Select(entry => (entry.Secret, entry.Key.Role, entry.Key.Name, entry.Key.Level)).ShouldBe(
        [
            ("0123456789abcdef", PrincipalRole.GameServer, null, 0),
            ("secret-of-the-shop-0123", PrincipalRole.Service, "shop", 3),
            ("secret-of-an-admin", PrincipalRole.Admin, null, 0),
        ]);
        File.Delete(file);
    }

    [Fact]
    public void Everything_that_is_wrong_with_keys_is_listed_and_no_secret_shown()
    {
        var errors = Errors(
            Secret,
            "Savepoint:Access:Keys:0:Secret=hunter2",
            "Savepoint:Access:Keys:1:Secret=0123456789abcdef", "Savepoint:Access:Keys:1:Role=Player", "Savepoint:Access:Keys:1:Level=-1", "Savepoint:Access:Keys:1:Name=a\nb",
            "Savepoint:Access:Keys:2:Role=Admin",
            "Savepoint:Access:Keys:3:Role=Admin", "Savepoint:Access:Keys:3:SecretFile=nowhere",
            "Savepoint:Access:Keys:4:Role=Admin", "Savepoint:Access:Keys:4:SecretFile=nowhere", "Savepoint:Access:Keys:4:Secret=secret-of-an-admin");
        errors.ShouldBe(
        [
            "Savepoint:Access:Keys:0:Role: is missing: GameServer, Service, Support or Admin.",
            "Savepoint:Access:Keys:0:Secret: a secret has at least 16 characters.",
            "Savepoint:Access:Keys:1:Role: is GameServer, Service, Support or Admin; players have tokens.",
            "Savepoint:Access:Keys:1:Level: is 0 to 1000000, not -1.",
            "Savepoint:Access:Keys:1:Name: has 1 to 64 characters, none of which is a control character.",
            "Savepoint:Access:Keys:1:Secret: is used twice: a secret stands for one role.",
            "Savepoint:Access:Keys:2:Secret: is missing: set it, or SecretFile.",
            "Savepoint:Access:Keys:3:SecretFile: there is no file 'nowhere'.",
            "Savepoint:Access:Keys:4:Secret: and SecretFile exclude each other: remove one of them.",
        ]);
        Errors(Secret, "Savepoint:Access:Keys:0:Secret=secret-of-an-admin", "Savepoint:Access:Keys:0:Role=King").ShouldHaveSingleItem().ShouldContain("King");
    }

    [Fact]
    public void Permissions_are_rules_of_kinds()
    {
        var access = PermissionSource.Read(Load(
            Secret,
            "Savepoint:Permissions:profile:Paths:0:Path=currency", "Savepoint:Permissions:profile:Paths:0:WriteLevel=5",
            "Savepoint:Permissions:profile:Paths:1:Path=settings", "Savepoint:Permissions:profile:Paths:1:Writers=Backend, Player", "Savepoint:Permissions:profile:Paths:1:Readers=GameServer",
            "Savepoint:Permissions:profile:Paths:1:ReadLevel=2",
            "Savepoint:Permissions:profile:Intents:0:Name=buy", "Savepoint:Permissions:profile:Intents:0:Roles=Player", "Savepoint:Permissions:profile:Intents:0:Level=1",
            "Savepoint:Permissions:profile:Senders=None", "Savepoint:Permissions:profile:Holders=GameServer, Service").Permissions)["profile"];
        access.Paths.ShouldBe(
        [
            new PathRule("currency") { WriteLevel = 5 },
            new PathRule("settings") { Writers = AccessRoles.Backend | AccessRoles.Player, Readers = AccessRoles.GameServer, ReadLevel = 2 },
        ]);
        access.Intents["buy"].ShouldBe(new IntentRule { Roles = AccessRoles.Player, Level = 1 });
        (access.Senders, access.Holders).ShouldBe((AccessRoles.None, AccessRoles.Backend));
    }

    [Theory]
    [InlineData("Paths:0:Path=a..b", "Paths:0:Path:")]
    [InlineData("Paths:0:Path=items[0]", "Paths:0:Path:")]
    [InlineData("Paths:0:WriteLevel=-1", "Paths:0:WriteLevel:")]
    [InlineData("Paths:0:Readers=64", "Paths:0:Readers:")]
    [InlineData("Paths:0:Readers=Kings", "Kings")]
    [InlineData("Paths:0:Reader=All", "Reader")]
    [InlineData("Intents:0:Level=1", "Intents:0:Name:")]
    [InlineData("Holders=64", "Holders:")]
    public void A_permission_that_can_not_be_is_an_error(string setting, string place) =>
        Errors(Secret, $"Savepoint:Permissions:profile:{setting}").ShouldHaveSingleItem().ShouldContain(place);

    [Fact]
    public void Two_rules_for_one_path_are_an_error() =>
        Errors(Secret, "Savepoint:Permissions:profile:Paths:0:Path=a", "Savepoint:Permissions:profile:Paths:1:Path=a").ShouldHaveSingleItem().ShouldContain("Paths:1:Path:");

    [Fact]
    public void Permissions_of_a_kind_that_is_not_there_are_an_error() =>
        Should.Throw<OptionsValidationException>(() => SavepointApplication.Create([$"--{Secret}", "--store", "memory", "--Savepoint:Permissions:horse:Senders=None"]))
            .Failures.ShouldHaveSingleItem().ShouldContain("horse");

    [Fact]
    public void A_misspelt_setting_is_an_error() => Errors(Secret, "Savepoint:DataPaht=x").ShouldHaveSingleItem().ShouldContain("DataPaht");

    [Fact]
    public void A_value_of_the_wrong_type_is_an_error() => Errors(Secret, "Savepoint:MaxConnections=many").ShouldHaveSingleItem().ShouldContain("MaxConnections");

    [Fact]
    public void Engine_settings_reach_the_streams()
    {
        var options = Load(Secret, "Savepoint:Engine:SessionLease=00:00:07", "Savepoint:Engine:MaxMutationsPerUnit=9", "Savepoint:Node=eu-1");
        (options.Streams.SessionLease, options.Streams.MaxMutationsPerUnit, options.Streams.NodeName).ShouldBe((TimeSpan.FromSeconds(7), 9, "eu-1"));
    }

    [Fact]
    public void Secrets_may_stand_in_a_file()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "first-secret-0123456789\n\n  second-secret-0123456789 \n");
        GameServerSecretSource.Read(Load($"Savepoint:GameServerSecretsFile={file}")).ShouldBe(["first-secret-0123456789", "second-secret-0123456789"]);
        File.Delete(file);
    }

    [Fact]
    public void Short_switches_become_settings() =>
        CommandLine.ToSettings(["--dev", "--data", "x", "--listen", "http://localhost:1", "--Savepoint:Node=y"])
            .ShouldBe(["--Savepoint:Dev=true", "--Savepoint:DataPath=x", "--Savepoint:Listen=http://localhost:1", "--Savepoint:Node=y"]);

    [Fact]
    public void A_node_of_a_cluster_says_what_it_is()
    {
        var options = Load([Secret, .. Cluster, "Savepoint:Cluster:Role=Gateway"]);
        (options.Cluster.Enabled, options.Cluster.Role, options.Cluster.LeaseDuration, options.Node).ShouldBe((true, NodeRole.Gateway, TimeSpan.FromSeconds(5), "eu-1"));
        CommandLine.ToSettings(["--gateway", "--node", "eu-1"]).ShouldBe(["--Savepoint:Cluster:Enabled=true", "--Savepoint:Cluster:Role=Gateway", "--Savepoint:Node=eu-1"]);
        CommandLine.ToSettings(["--cluster"]).ShouldBe(["--Savepoint:Cluster:Enabled=true"]);
    }

    [Theory]
    [InlineData("Cluster:Enabled", "Savepoint:Store=sqlite")]
    [InlineData("Node", "Savepoint:Node=savepoint")]
    [InlineData("Cluster:AdvertisedAddress", "Savepoint:Listen=http://0.0.0.0:7350")]
    [InlineData("Cluster:AdvertisedAddress", "Savepoint:Listen=http://*:7350")]
    [InlineData("Cluster:AdvertisedAddress", "Savepoint:Listen=http://[::]:7350")]
    [InlineData("Cluster:AdvertisedAddress", "Savepoint:Cluster:AdvertisedAddress=10.0.0.5:7350")]
    [InlineData("Cluster:AdvertisedAddress", "Savepoint:Cluster:AdvertisedAddress=http://10.0.0.5:7350/game")]
    [InlineData("Listen", "Savepoint:Listen=http://127.0.0.1:0")]
    [InlineData("Cluster:AdvertisedHttp2Address", "Savepoint:ListenHttp2=http://*:7351")]
    [InlineData("ListenHttp2", "Savepoint:ListenHttp2=http://127.0.0.1:7350")]
    [InlineData("ListenHttp2", "Savepoint:ListenHttp2=7351")]
    [InlineData("Cluster:LeaseDuration", "Savepoint:Cluster:LeaseDuration=00:02:00")]
    [InlineData("Cluster:RenewInterval", "Savepoint:Cluster:RenewInterval=00:00:02")]
    [InlineData("Cluster:ForwardTimeout", "Savepoint:Cluster:ForwardTimeout=00:02:00")]
    public void A_node_of_a_cluster_needs_the_right_settings(string name, string setting) =>
        Errors([Secret, .. Cluster, setting]).ShouldHaveSingleItem().ShouldStartWith($"Savepoint:{name}:");

    [Fact]
    public void A_wildcard_address_is_fine_with_one_that_others_reach()
    {
        Load([Secret, .. Cluster, "Savepoint:Listen=http://*:7350", "Savepoint:Cluster:AdvertisedAddress=http://10.0.0.5:7350"]).Listen.ShouldBe("http://*:7350");
        Load(Secret, "Savepoint:Listen=http://0.0.0.0:7350").Cluster.Enabled.ShouldBeFalse();
    }

    [Fact]
    public void A_gateway_is_one_of_a_cluster() => Errors(Secret, "Savepoint:Cluster:Role=Gateway").ShouldHaveSingleItem().ShouldStartWith("Savepoint:Cluster:Role:");

    [Theory]
    [InlineData("--dve")]
    [InlineData("--data")]
    [InlineData("data")]
    public void An_unknown_or_incomplete_argument_is_an_error(string argument) => Should.Throw<FormatException>(() => CommandLine.ToSettings([argument]));

    private static SavepointOptions Load(params string[] settings) => SavepointConfiguration.Load(
        new ConfigurationBuilder().AddInMemoryCollection(Values(settings)).Build());

    private static string[] Errors(params string[] settings) => [.. Should.Throw<OptionsValidationException>(() => Load(settings)).Failures];

    /// <summary>Of two values for one setting the later counts.</summary>
    private static Dictionary<string, string?> Values(string[] settings)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var setting in settings)
            values[setting.Split('=', 2)[0]] = setting.Split('=', 2)[1];
        return values;
    }
}
