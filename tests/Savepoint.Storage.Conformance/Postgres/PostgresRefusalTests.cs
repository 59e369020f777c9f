using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;
using Savepoint.Storage.Postgres.Schema;
using Savepoint.Testing;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>What opening refuses, in one line that says what to do, without changing anything.</summary>
public sealed class PostgresRefusalTests : IAsyncLifetime
{
    private const int ShardCount = 8;

    private static readonly Guid DatabaseId = new("6f1a1c1e-33a1-4c55-9a31-0d6f52a1f001");

    private readonly PostgresTestDatabase _database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _database.CreateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Several_processes_may_open_a_new_database_at_once()
    {
        var stores = Enumerable.Range(0, 4).Select(_ => _database.NewStore()).ToList();

        var identities = await Task.WhenAll(stores.Select((store, i) =>
            store.OpenAsync(new StoreOpenOptions(ShardCount, new Guid(i, 0, 0, new byte[8]), DateTimeOffset.UnixEpoch), Cancel).AsTask()));

        identities.Distinct().ShouldHaveSingleItem();
        foreach (var store in stores)
            await store.DisposeAsync();
        (await _database.RunAsync("select count(*) from schema_version")).ShouldBe($"{Migrations.All.Count}");
    }

    [Fact]
    public async Task A_schema_of_a_newer_program_is_refused()
    {
        await OpenAndCloseAsync();
        await _database.RunAsync("insert into schema_version values (999, 'from the future', now())");

        (await RefusalAsync()).ShouldContain("Start a newer program.");
    }

    [Fact]
    public async Task Tables_of_another_program_are_refused_and_left_alone()
    {
        await _database.RunAsync("create table journal (day date)");

        (await RefusalAsync()).ShouldContain("a table of another program");
        (await _database.RunAsync("select string_agg(relname, ',') from pg_class where relnamespace = 'public'::regnamespace")).ShouldBe("journal");
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_not_repeated()
    {
        var refusal = await RefusalAsync(With("Password", "hunter2"));

        refusal.ShouldContain("refuses the password of the role 'savepoint'");
        refusal.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("Database", "nowhere", "create database \"nowhere\"")]
    [InlineData("Username", "nobody", "'nobody'")]
    [InlineData("Port", "1", "can't be reached")]
    [InlineData("Host", "nowhere.invalid", "can't be reached")]
    [InlineData("Search Path", "nowhere", "names no schema")]
    public async Task What_is_not_there_is_named(string keyword, string value, string named) => (await RefusalAsync(With(keyword, value))).ShouldContain(named);

    [Theory]
    [InlineData("Host=x;Password=secret1;secret2")]
    [InlineData("Host=x;Password=secret1;Port=secret2")]
    [InlineData("secret1")]
    public async Task A_connection_string_that_can_not_be_read_is_refused_and_not_repeated(string connectionString)
    {
        var refusal = await RefusalAsync(connectionString);

        refusal.ShouldContain("can't be read");
        refusal.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_role_that_may_make_no_tables_is_refused()
    {
        await using var role = await Role.MakeAsync(_database);

        (await RefusalAsync(role.ConnectionString)).ShouldContain($"The role '{role.Name}' lacks a right");
    }

    [Theory]
    [InlineData("database", "select")]
    [InlineData("database", "update")]
    [InlineData("shards", "select")]
    [InlineData("shards", "update")]
    [InlineData("journal", "select")]
    [InlineData("journal", "insert")]
    [InlineData("journal", "delete")]
    [InlineData("journal_trims", "select")]
    [InlineData("journal_trims", "update")]
    [InlineData("entities", "select")]
    [InlineData("entities", "insert")]
    [InlineData("entities", "update")]
    [InlineData("snapshots", "select")]
    [InlineData("snapshots", "insert")]
    [InlineData("snapshots", "update")]
    [InlineData("snapshots", "delete")]
    [InlineData("dead_letters", "select")]
    [InlineData("dead_letters", "insert")]
    [InlineData("dead_letters", "delete")]
    [InlineData("cluster", "select")]
    [InlineData("cluster", "update")]
    [InlineData("nodes", "select")]
    [InlineData("nodes", "insert")]
    [InlineData("nodes", "update")]
    [InlineData("nodes", "delete")]
    [InlineData("leases", "select")]
    [InlineData("leases", "insert")]
    [InlineData("leases", "update")]
    public async Task A_role_that_lacks_a_right_on_a_table_is_refused_until_it_has_it(string table, string right)
    {
        await OpenAndCloseAsync();
        await using var role = await Role.MakeAsync(_database);
        await _database.RunAsync($"grant select, insert, update, delete on all tables in schema public to {role.Name}; revoke {right} on {table} from {role.Name}");

        (await RefusalAsync(role.ConnectionString)).ShouldContain($"'{role.Name}' may not {right} the table '{table}'");

        await _database.RunAsync($"grant {right} on {table} to {role.Name}");
        await using var store = _database.NewStore(new PostgresStoreOptions { ConnectionString = role.ConnectionString });
        await OpenAsync(store);
        await store.AppendAsync([new JournalSegment(0, 1, 1, 1, DatabaseId, DateTimeOffset.UnixEpoch, default)], Cancel);
        await store.AppendAsync([new JournalSegment(0, 2, 2, 1, DatabaseId, DateTimeOffset.UnixEpoch, default)], Cancel);
        (await store.TrimAsync(0, 1, DateTimeOffset.MaxValue, Cancel)).ShouldBe(1);
        await store.AddDeadLetterAsync(new DeadLetter(0, "relay", 0, new("profile", "alice"), 1, default, "", 1, DateTimeOffset.UnixEpoch), Cancel);
    }

    [Fact]
    public async Task A_database_that_is_read_only_for_the_role_is_refused()
    {
        await _database.RunAsync("alter role savepoint in database current_database_name set default_transaction_read_only = on"
            .Replace("current_database_name", await _database.RunAsync("select current_database()"), StringComparison.Ordinal));

        (await RefusalAsync()).ShouldContain("read-only");
    }

    [Theory]
    [InlineData("fsync")]
    [InlineData("full_page_writes")]
    [InlineData("synchronous_commit")]
    public async Task A_server_that_would_lose_acknowledged_changes_is_refused_unless_that_is_accepted(string setting)
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { Settings = new Dictionary<string, string> { [setting] = "off" } }, Cancel);
        await server.CreateDatabaseAsync("savepoint", Cancel);
        var connectionString = server.ConnectionString("savepoint");

        (await RefusalAsync(connectionString)).ShouldContain($"{setting} is off");
        (await server.RunAsync("savepoint", "select count(*) from pg_class where relnamespace = 'public'::regnamespace", Cancel)).ShouldBe("0");

        await using var store = new PostgresStore(new PostgresStoreOptions { ConnectionString = connectionString, AllowUnsafeDurability = true }, TimeProvider.System);
        await OpenAsync(store);
        store.DurabilityWarning.ShouldNotBeNull().ShouldContain($"{setting} is off");
        await store.AppendAsync([new JournalSegment(0, 1, 1, 1, DatabaseId, DateTimeOffset.UnixEpoch, default)], Cancel);
    }

    [Fact]
    public async Task Synchronous_commit_that_is_off_for_the_role_is_refused_at_the_start_and_has_no_effect_later()
    {
        await using var store = _database.NewStore(new PostgresStoreOptions { ConnectionString = _database.ConnectionString() });
        await OpenAsync(store);
        store.DurabilityWarning.ShouldBeNull();
        var name = await _database.RunAsync("select current_database()");
        await _database.RunAsync($"alter role savepoint in database {name} set synchronous_commit = off");

        // Its first connection for appends opens only now, and says itself what it commits with.
        await store.AppendAsync([new JournalSegment(0, 1, 1, 1, DatabaseId, DateTimeOffset.UnixEpoch, default)], Cancel);

        (await RefusalAsync()).ShouldContain("synchronous_commit is off");
    }

    [Fact]
    public void An_old_server_is_refused()
    {
        var old = new ServerState(110_022, "11.22", IsReplica: false, "on", "on", "on");

        ServerRequirements.Refusal(old, allowUnsafeDurability: true)!.Value.Reason.ShouldContain("PostgreSQL 11.22 is too old");
        ServerRequirements.Refusal(old with { Version = 120_000 }, allowUnsafeDurability: false).ShouldBeNull();
    }

    [Fact]
    public void A_replica_is_refused_and_may_be_promoted()
    {
        var replica = new ServerState(150_000, "15.0", IsReplica: true, "on", "on", "on");

        ServerRequirements.Refusal(replica, allowUnsafeDurability: true)!.Value.IsTransient.ShouldBeTrue();
    }

    [Theory]
    [InlineData("local", "on")]
    [InlineData("remote_write", "on")]
    [InlineData("on", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public void Weaker_commits_are_raised_and_stronger_ones_kept(string server, string session) =>
        new ServerState(150_000, "15.0", IsReplica: false, "on", "on", server).SynchronousCommitToSet.ShouldBe(session);

    private string With(string keyword, string value) => $"{_database.ConnectionString()};{keyword}={value}";

    private async Task<string> RefusalAsync(string? connectionString = null)
    {
        var options = new PostgresStoreOptions { ConnectionString = connectionString ?? _database.ConnectionString(), ConnectTimeout = TimeSpan.FromSeconds(2) };
        await using var store = _database.NewStore(options);
        var refusal = await Should.ThrowAsync<StoreException>(async () => await OpenAsync(store));
        refusal.Outcome.ShouldBe(WriteOutcome.NotApplied);
        refusal.Message.ShouldNotContain("\n");
        return refusal.Message;
    }

    private async Task OpenAndCloseAsync()
    {
        await using var store = _database.NewStore();
        await OpenAsync(store);
    }

    private static ValueTask<StoreIdentity?> OpenAsync(IStore store) => store.OpenAsync(new StoreOpenOptions(ShardCount, DatabaseId, DateTimeOffset.UnixEpoch), Cancel);

    [Fact]
    public async Task Nothing_is_read_from_a_replica_that_took_the_place_of_the_server()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Cancel);
        await server.CreateDatabaseAsync("savepoint", Cancel);
        await using var store = new PostgresStore(new PostgresStoreOptions { ConnectionString = server.ConnectionString("savepoint"), ReadRetries = 0 }, TimeProvider.System);
        await OpenAsync(store);
        await store.ReadShardAsync(0, Cancel);

        // A server that finds this file follows another one, and answers readers meanwhile.
        var folder = await server.RunAsync("savepoint", "show data_directory", Cancel);
        await server.RunAsync("savepoint", $"copy (select 1) to '{folder}/standby.signal'", Cancel);
        await server.StopAsync();
        await server.StartAgainAsync(Cancel);
        await Should.ThrowAsync<StoreException>(async () => await store.ReadShardAsync(0, Cancel), "its connection has died");

        var refusal = await Should.ThrowAsync<StoreException>(async () => await store.ReadShardAsync(0, Cancel));

        (refusal.Outcome, refusal.IsTransient).ShouldBe((WriteOutcome.NotApplied, true));
        refusal.Message.ShouldContain("is a replica");
    }

    /// <summary>A role without rights, gone in the end: roles belong to the whole server.</summary>
    private sealed class Role(PostgresTestDatabase database, string name) : IAsyncDisposable
    {
        public string Name => name;

        public string ConnectionString => $"{database.ConnectionString()};Username={name};Password=secret";

        public static async Task<Role> MakeAsync(PostgresTestDatabase database)
        {
            var name = $"role_of_{await database.RunAsync("select current_database()")}";
            await database.RunAsync($"create role {name} login password 'secret'");
            return new Role(database, name);
        }

        public async ValueTask DisposeAsync() => await database.RunAsync($"drop owned by {name}; drop role {name}");
    }
}
