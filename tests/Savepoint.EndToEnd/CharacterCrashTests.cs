namespace Savepoint.EndToEnd;

public class CharacterCrashTests
{
    private const int Rounds = 5;

    [Fact]
    public async Task Every_acknowledged_change_of_a_character_is_there_exactly_once_after_the_server_was_killed()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var server = await TestServer.StartAsync();
        var users = await Task.WhenAll(Enumerable.Range(0, 8).Select(async index =>
            (User: $"user-{index}", Secret: await server.Process.IssuePlayerTokenAsync($"user-{index}", TestContext.Current.CancellationToken))));
        using var load = new CharacterLoad([server.Process.Address], users);
        var running = load.RunAsync();

        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            // Not a wait for something to happen, but the random moment of the kill: after a random number of further acknowledgements.
            await load.AcknowledgedAsync(random.Next(1, 800));
            await server.Process.KillAsync();
            await server.Process.StartAgainAsync(TestContext.Current.CancellationToken);
        }

        await load.AcknowledgedAsync(100);
        load.Stop();
        await running;
        await load.CheckAsync();
    }
}
