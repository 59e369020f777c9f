using Savepoint.Testing;

namespace Savepoint.EndToEnd;

public class PostgresCrashTests
{
    private const int Rounds = 6;
    private const int Clients = 4;

    [Fact]
    public async Task Every_acknowledged_change_is_there_exactly_once_after_the_server_and_its_database_were_killed_in_turn()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await postgres.CreateDatabaseAsync("savepoint", TestContext.Current.CancellationToken);
        await using var server = await TestServer.StartAsync(
            ("Store", "postgres"), ("Postgres__ConnectionString", postgres.ConnectionString("savepoint")));
        var load = new CounterLoad(await Task.WhenAll(Enumerable.Range(0, Clients).Select(index => server.ConnectAsync($"gs-{index}"))), seed, mayBeRefused: true);
        var running = load.RunAsync();

        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            await load.AcknowledgedAsync(random.Next(1, 1500));
            if (round % 2 == 0)
            {
                await server.Process.KillAsync();
                await server.Process.StartAgainAsync(TestContext.Current.CancellationToken);
            }
            else
            {
                await postgres.KillAsync();
                await postgres.StartAgainAsync(TestContext.Current.CancellationToken);
            }
        }

        await load.AcknowledgedAsync(100);
        load.Stop();
        await running;

        await using var reader = await server.ConnectAsync("reader");
        await load.CheckAsync(reader);
        server.Process.Output.ShouldNotContain("Password");
    }

    [Fact]
    public async Task A_database_that_can_not_be_reached_is_reported_in_a_line_without_its_password()
    {
        var folder = Directory.CreateTempSubdirectory("savepoint-e2e-");
        await using var server = ServerProcess.Launch(new ServerProcessOptions
        {
            DataPath = folder.FullName,
            Settings = new Dictionary<string, string>
            {
                ["Savepoint__Store"] = "postgres",
                ["Savepoint__Postgres__ConnectionString"] = "Host=127.0.0.1;Port=1;Database=savepoint;Username=savepoint;Password=hunter2",
                ["Logging__LogLevel__Default"] = "Debug",
            },
        });

        (await server.WaitForExitAsync(TestContext.Current.CancellationToken)).ShouldBe(1, server.Output);

        server.Output.Split('\n').Count(line => line.StartsWith("savepoint-server: PostgreSQL at 127.0.0.1:1 can't be reached", StringComparison.Ordinal)).ShouldBe(1, server.Output);
        server.Output.ShouldNotContain("hunter2");
        folder.Delete(recursive: true);
    }
}
