using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests;

/// <summary>The SDK against the real server.</summary>
public sealed class ClientTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_profile_is_opened_changed_saved_and_seen_by_its_player()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        await using var gameServer = await ConnectAsync(server, new GameServerCredentials("eu-1", TestClient.Secret));
        await using var player = await ConnectAsync(server, new PlayerToken(async _ => await server.DevelopmentTokenAsync("alice")));

        var template = new Template(new Document(new MapBuilder { ["gold"] = 100L }.Build()));
        var opened = await gameServer.Store("profile", template).OpenSessionAsync("alice", cancellationToken: Cancelled);
        var profile = opened.ProfileOrThrow();
        await using var watched = await player.Store("profile").WatchAsync("alice", TimeSpan.Zero, Cancelled);
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watched.Changed += _ =>
        {
            if (watched["gold"] == 120L)
                seen.TrySetResult();
        };
        profile.Increment("gold", 20);
        await profile.SaveAsync(Cancelled);
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        await profile.EndSessionAsync(Cancelled);
    }

    private static Task<SavepointClient> ConnectAsync(RunningServer server, Credentials credentials) =>
        SavepointClient.ConnectAsync(new SavepointClientOptions { Endpoint = server.StreamAddress, Credentials = credentials }, Cancelled);
}
