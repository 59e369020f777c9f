namespace Savepoint.EndToEnd;

public class CrashTests
{
    private const int Rounds = 20;
    private const int Clients = 4;

    [Fact]
    public async Task Every_acknowledged_change_is_there_exactly_once_after_the_server_was_killed_twenty_times()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var server = await TestServer.StartAsync();
        var load = new CounterLoad(await Task.WhenAll(Enumerable.Range(0, Clients).Select(index => server.ConnectAsync($"gs-{index}"))), seed);
        var running = load.RunAsync();

        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            // Not a wait for something to happen, but the random moment of the kill: after a random number of further acknowledgements.
            await load.AcknowledgedAsync(random.Next(1, 1500));
            await server.Process.KillAsync();
            await server.Process.StartAgainAsync(TestContext.Current.CancellationToken);
        }

        await load.AcknowledgedAsync(100);
        load.Stop();
        await running;

        await using var reader = await server.ConnectAsync("reader");
        await load.CheckAsync(reader);
    }
}
