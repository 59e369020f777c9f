using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Testing;

namespace Savepoint.EndToEnd;

/// <summary>E5: shard ranges in two PostgreSQL servers, one of which goes away and comes back.</summary>
public sealed class TwoDatabasesTests : IAsyncLifetime
{
    private const string Kind = "profile";

    private static readonly string First = PlayerIn(0, 31);
    private static readonly string Second = PlayerIn(32, 63);

    private PostgresServer _first = null!;
    private PostgresServer _second = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _first = await PostgresServer.StartAsync(cancellationToken: Cancel);
        _second = await PostgresServer.StartAsync(cancellationToken: Cancel);
        foreach (var server in new[] { _first, _second })
        {
            await server.CreateDatabaseAsync("savepoint", Cancel);
            await server.CreateDatabaseAsync("empty", Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task While_one_server_is_away_the_players_of_the_other_go_on_and_it_comes_back_without_a_restart()
    {
        await using var server = await TestServer.StartAsync(Settings());
        await using var client = await server.ConnectAsync("gs", timeoutSeconds: 15);
        (await AddAsync(client, First), await AddAsync(client, Second)).ShouldBe((1, 1));

        // What was on its way to it waits for its outcome as long as the client does; the others are answered meanwhile.
        await _second.KillAsync();
        (await Should.ThrowAsync<SavepointException>(() => AddAsync(client, Second))).IsTransient.ShouldBeTrue();
        for (var version = 2; version <= 50; version++)
            (await AddAsync(client, First)).ShouldBe(version);
        await server.Process.WaitUntilReadyAsync(Cancel);

        await _second.StartAgainAsync(Cancel);
        (await UntilAddedAsync(client, Second)).ShouldBe(2, "what was refused did not happen, and what was acknowledged did");
        (await AddAsync(client, First)).ShouldBe(51);
        (await _first.RunAsync("savepoint", "select count(*) from journal where shard > 31", Cancel)).ShouldBe("0");
        (await _second.RunAsync("savepoint", "select count(*) from journal where shard < 32", Cancel)).ShouldBe("0");
        (await _first.RunAsync("savepoint", "select database_id from database", Cancel)).ShouldBe(await _second.RunAsync("savepoint", "select database_id from database", Cancel));
    }

    [Fact]
    public async Task A_server_that_is_killed_while_one_database_is_away_serves_the_other_after_its_start_and_both_when_it_is_back()
    {
        await using var server = await TestServer.StartAsync(Settings());
        await using (var client = await server.ConnectAsync("gs"))
            (await AddAsync(client, First), await AddAsync(client, Second)).ShouldBe((1, 1));
        await _second.StopAsync();
        await server.Process.KillAsync();
        await server.Process.StartAgainAsync(Cancel);

        await using var again = await server.ConnectAsync("gs-2");
        (await AddAsync(again, First)).ShouldBe(2);
        (await Should.ThrowAsync<SavepointException>(() => AddAsync(again, Second))).IsTransient.ShouldBeTrue();
        await _second.StartAgainAsync(Cancel);
        (await UntilAddedAsync(again, Second)).ShouldBe(2);
        (await server.Process.TerminateAsync(Cancel)).ShouldBe(0, server.Process.Output);
    }

    [Fact]
    public async Task Gold_that_goes_over_both_databases_is_neither_lost_nor_made_by_kills_of_the_server_and_of_each_database()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var server = await TestServer.StartAsync(Settings());
        await using var client = await server.ConnectAsync("gs");
        await client.TransactAsync(unit => unit.Change(Kind, First, delta => delta.Set("gold", 10_000L)).Change(Kind, Second, delta => delta.Set("gold", 10_000L)), cancellationToken: Cancel);
        using var acknowledged = new SemaphoreSlim(0);
        var (trades, isOver) = (0, false);
        var trading = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TradeAsync()));
        var random = new Random(seed);
        foreach (var database in new[] { null, _first, _second, null })
        {
            for (var wanted = random.Next(5, 300); wanted > 0; wanted--)
                (await acknowledged.WaitAsync(TimeSpan.FromSeconds(60), Cancel)).ShouldBeTrue("an acknowledgement in time");
            await (database?.KillAsync() ?? server.Process.KillAsync());
            await (database?.StartAgainAsync(Cancel) ?? server.Process.StartAgainAsync(Cancel));
        }

        Volatile.Write(ref isOver, true);
        await trading;
        (await GoldAsync(First), await GoldAsync(Second)).ShouldBe((10_000 - trades, 10_000 + trades));

        async Task TradeAsync()
        {
            while (!Volatile.Read(ref isOver))
            {
                try
                {
                    await client.TransactAsync(unit => unit.Change(Kind, First, delta => delta.Increment("gold", -1L)).Change(Kind, Second, delta => delta.Increment("gold", 1L)));
                    Interlocked.Increment(ref trades);
                    acknowledged.Release();
                }
                catch (SavepointException failure) when (failure is { IsTransient: true, Outcome: RequestOutcome.NotApplied })
                {
                    // A database is away: certainly not done.
                }
            }
        }

        async Task<long> GoldAsync(string player) => (await client.Store(Kind).ViewAsync(player, cancellationToken: Cancel))!["gold"].AsInt64();
    }

    [Fact]
    public async Task Everything_acknowledged_survives_kills_of_the_server_and_of_each_database_in_turn()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var server = await TestServer.StartAsync(Settings());
        var load = new CounterLoad(await Task.WhenAll(Enumerable.Range(0, 4).Select(index => server.ConnectAsync($"gs-{index}"))), seed, mayBeRefused: true);
        var running = load.RunAsync();
        var random = new Random(seed);
        foreach (var database in new[] { null, _first, _second, null, _second, _first })
        {
            await load.AcknowledgedAsync(random.Next(1, 1500));
            await (database?.KillAsync() ?? server.Process.KillAsync());
            await (database?.StartAgainAsync(Cancel) ?? server.Process.StartAgainAsync(Cancel));
        }

        await load.AcknowledgedAsync(100);
        load.Stop();
        await running;
        await using var reader = await server.ConnectAsync("reader");
        await load.CheckAsync(reader);
    }

    [Fact]
    public async Task A_start_with_databases_in_the_wrong_places_is_refused_with_exit_code_1_and_changes_nothing()
    {
        await using (var server = await TestServer.StartAsync(Settings()))
        await using (var client = await server.ConnectAsync("gs"))
            await AddAsync(client, First);

        (await RefusalAsync(Settings(_second.ConnectionString("savepoint"), _first.ConnectionString("savepoint"))))
            .ShouldContain("The database was made for the shards 32-63, and is configured for the shards 0-31.");
        (await RefusalAsync(Settings(second: _second.ConnectionString("empty")))).ShouldContain("There is nothing in the database for the shards 32-63");
        (await _second.RunAsync("empty", "select count(*) from pg_class where relnamespace = 'public'::regnamespace", Cancel)).ShouldBe("0");
    }

    /// <summary>The steps of docs/how-to/operate.md.</summary>
    [Fact]
    public async Task One_database_becomes_two_by_way_of_a_dump()
    {
        await using (var server = await TestServer.StartAsync(("Store", "postgres"), ("Postgres__ConnectionString", _first.ConnectionString("savepoint"))))
        {
            await using (var client = await server.ConnectAsync("gs"))
            {
                foreach (var player in new[] { First, Second, First, Second })
                    await AddAsync(client, player);
            }

            (await server.Process.TerminateAsync(Cancel)).ShouldBe(0, server.Process.Output);
        }

        var dump = System.IO.Path.GetTempFileName();
        await _first.DumpAsync("savepoint", dump, Cancel);
        await _second.RestoreAsync("savepoint", dump, Cancel);
        File.Delete(dump);
        await _first.RunAsync("savepoint", Keep("0-31", "shard > 31"), Cancel);
        await _second.RunAsync("savepoint", Keep("32-63", "shard < 32"), Cancel);

        await using var split = await TestServer.StartAsync(Settings());
        await using var again = await split.ConnectAsync("gs");
        (await AddAsync(again, First), await AddAsync(again, Second)).ShouldBe((3, 3));
        (await again.Store(Kind).ViewAsync(Second, version: 1, cancellationToken: Cancel))!["count"].AsInt64().ShouldBe(1);

        static string Keep(string shards, string others) => $"""
            delete from journal where {others};
            delete from entities where {others};
            delete from snapshots where {others};
            delete from dead_letters where {others};
            delete from ledger where {others};
            update database set shards = '{shards}', layout = '0-31,32-63'
            """;
    }

    private (string, string)[] Settings(string? first = null, string? second = null) =>
    [
        ("Store", "postgres"),
        ("Postgres__Databases__0__Shards", "0-31"),
        ("Postgres__Databases__0__ConnectionString", first ?? _first.ConnectionString("savepoint")),
        ("Postgres__Databases__1__Shards", "32-63"),
        ("Postgres__Databases__1__ConnectionString", second ?? _second.ConnectionString("savepoint")),
    ];

    private static async Task<string> RefusalAsync((string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("savepoint-e2e-");
        await using var server = ServerProcess.Launch(new ServerProcessOptions
        {
            DataPath = folder.FullName,
            Settings = settings.ToDictionary(setting => $"Savepoint__{setting.Name}", setting => setting.Value),
        });
        (await server.WaitForExitAsync(Cancel)).ShouldBe(1, server.Output);
        folder.Delete(recursive: true);
        return server.Output;
    }

    /// <returns>The version that it made.</returns>
    private static async Task<long> AddAsync(SavepointClient client, string player) =>
        (await client.TransactAsync(unit => unit.Change(Kind, player, delta => delta.Increment("count", 1L))))[0];

    /// <summary>Asks again while it is refused for passing reasons.</summary>
    private static async Task<long> UntilAddedAsync(SavepointClient client, string player)
    {
        while (true)
        {
            try
            {
                return await AddAsync(client, player);
            }
            catch (SavepointException refused) when (refused.IsTransient && refused.Outcome == RequestOutcome.NotApplied)
            {
                Cancel.ThrowIfCancellationRequested();
            }
        }
    }

    private static string PlayerIn(int first, int last) =>
        Enumerable.Range(0, 1_000).Select(i => $"player-{i}").First(player => ShardHash.ShardOf(player, 64) is var shard && shard >= first && shard <= last);
}
