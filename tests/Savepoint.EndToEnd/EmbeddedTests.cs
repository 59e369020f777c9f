using Savepoint.Client;
using Savepoint.Embedded;

namespace Savepoint.EndToEnd;

/// <summary>A game that begins in one process, grows to have a server, and goes back: on the same folder.</summary>
public class EmbeddedTests
{
    private const string Kind = "profile";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_and_an_embedded_engine_go_on_with_each_others_folder()
    {
        await using var server = await TestServer.StartAsync();
        await using (var client = await server.ConnectAsync("gs-1"))
            await PlayAsync(client, 0);
        (await server.Process.TerminateAsync(Cancelled)).ShouldBe(0);

        await using (var savepoint = await EmbeddedSavepoint.StartAsync(new EmbeddedOptions { DataPath = server.Folder }, Cancelled))
            await PlayAsync(await savepoint.ConnectAsync("gs-1", cancellationToken: Cancelled), 1);

        await server.Process.StartAgainAsync(Cancelled);
        await using var again = await server.ConnectAsync("gs-1");
        await PlayAsync(again, 2);
        (await again.Store(Kind).ViewAsync("ada", 3, Cancelled))!["gold"].AsInt64().ShouldBe(2);
    }

    private static async Task PlayAsync(SavepointClient client, long gold)
    {
        var ada = (await client.Store(Kind).OpenSessionAsync("ada", cancellationToken: Cancelled)).ProfileOrThrow();
        (ada.TryGet("gold", out var kept) ? kept.AsInt64() : 0).ShouldBe(gold);
        ada["gold"] = gold + 1;
        await ada.EndSessionAsync(Cancelled);
    }
}
