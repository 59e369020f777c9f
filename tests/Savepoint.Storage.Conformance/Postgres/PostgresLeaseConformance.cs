using Savepoint.Cluster;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;

namespace Savepoint.Storage.Conformance.Postgres;

public sealed class PostgresLeaseDatabase : ILeaseDatabase
{
    private readonly PostgresTestDatabase _database = new();

    public async ValueTask CreateAsync(int shards)
    {
        await _database.CreateAsync();
        await using var store = _database.NewStore();
        await store.OpenAsync(new StoreOpenOptions(shards, new Guid(7, 7, 7, new byte[8]), DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);
    }

    public int Port => _database.Server.Port;

    public ILeaseStore NewStore() => NewStore(port: null);

    public ILeaseStore NewStore(int? port) => new PostgresLeaseStore(new PostgresStoreOptions { ConnectionString = _database.ConnectionString(port) });

    public async ValueTask UntilAllAreGoneAsync()
    {
        while (await RunAsync("select count(*) from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()") != "0")
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    public IStore NewJournal() => _database.NewStore();

    public Task<string> RunAsync(string sql) => _database.RunAsync(sql);

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}

public sealed class PostgresLeaseTests() : LeaseTests(new PostgresLeaseDatabase());

public sealed class PostgresMembershipTests() : MembershipTests(new PostgresLeaseDatabase());

/// <summary>What happens when the connection that holds a node's locks dies, and the node does not.</summary>
public sealed class PostgresLeaseConnectionTests() : ClusterTests(new PostgresLeaseDatabase())
{
    private const string TerminateAll = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";

    [Fact]
    public async Task A_node_that_lost_its_connection_opens_another_and_takes_its_name_again()
    {
        var a = await JoinAsync("a");
        await a.RenewAsync(wanted: [1]);
        await TerminateAsync();

        await Should.ThrowAsync<StoreException>(() => a.RenewAsync());
        Owners(await a.RenewAsync()).ShouldBe([(1, a.Id, 1)]);

        (await Should.ThrowAsync<JoinRefusedException>(() => JoinAsync("a", "elsewhere"))).Refusal.ShouldBe(JoinRefusal.NameTaken);
    }

    [Fact]
    public async Task A_node_that_lost_its_connection_and_then_its_name_is_told_so_and_its_leases_last()
    {
        var a = await JoinAsync("a");
        await a.RenewAsync(wanted: [1]);
        await TerminateAsync();

        var next = await JoinAsync("a");

        await Should.ThrowAsync<StoreException>(() => a.RenewAsync());
        (await a.TryRenewAsync()).ShouldBeNull();
        Owners(await next.RenewAsync(wanted: [1])).ShouldBe([(1, a.Id, 1)]);
    }

    [Fact]
    public async Task A_renewal_is_one_exchange_and_leaves_the_shards_alone()
    {
        var a = await JoinAsync("a");
        await a.RenewAsync(wanted: [1]);
        var before = await ((PostgresLeaseDatabase)Database).RunAsync("select string_agg(xmin::text, ',' order by shard) from shards");

        await a.RenewAsync(wanted: [2]);

        (await ((PostgresLeaseDatabase)Database).RunAsync("select string_agg(xmin::text, ',' order by shard) from shards")).ShouldBe(before);
        (await ((PostgresLeaseDatabase)Database).RunAsync("select count(distinct xmin) from (select xmin::text from nodes union all select xmin::text from leases where node_id is not null) changed"))
            .ShouldBe("1", "the node and its leases were written by one transaction");
    }

    [Fact]
    public async Task A_renewal_that_gets_no_answer_can_be_given_up_and_the_next_one_goes_another_way()
    {
        await using var proxy = new CutProxy(((PostgresLeaseDatabase)Database).Port);
        await using var store = ((PostgresLeaseDatabase)Database).NewStore(proxy.Port);
        var a = new TestMember(NewNode("a"), store);
        await store.JoinAsync(a.Node, canOwn: true, Long, Cancel);
        proxy.CutAt("update nodes set heartbeat_at"u8.ToArray(), Cut.AnswerInSilence);
        using var giveUp = new CancellationTokenSource();

        var renewal = store.RenewAsync(new LeaseRenewal(a.Id, Long) { Wanted = [1] }, giveUp.Token).AsTask();
        await proxy.Answered;
        await giveUp.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(renewal);
        Owners(await a.RenewAsync()).ShouldBe([(1, a.Id, 1)], "it took effect");
    }

    /// <summary>Ends them and waits until they have let go of their locks.</summary>
    private async Task TerminateAsync()
    {
        await ((PostgresLeaseDatabase)Database).RunAsync(TerminateAll);
        await Database.UntilAllAreGoneAsync();
    }
}
