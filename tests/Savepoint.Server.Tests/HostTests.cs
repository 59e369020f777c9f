using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Storage;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Server.Hosting;
using Savepoint.Streams.Tests;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Server.Tests;

public sealed class HostTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_game_server_commits_and_a_player_watches_over_WebSockets()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        await using var gameServer = await server.ConnectAsync(TestClient.AsGameServer());
        await using var player = await server.ConnectAsync(new Hello { PlayerToken = await server.DevelopmentTokenAsync("alice") });
        await player.AskAsync(Requests.Watch("alice"));
        await gameServer.CommitAsync(Requests.Set("alice", "gold", 3));
        (await player.NextAsync(message => message.Change is not null)).Change.Version.ShouldBe(1UL);
        (await player.RefusedAsync(Requests.Unit(Requests.Set("alice", "gold", 9)))).Code.ShouldBe(ErrorCodes.Forbidden);
        (await player.RefusedAsync(Requests.Get("bob"))).Code.ShouldBe(ErrorCodes.Forbidden);
    }

    [Fact]
    public async Task What_was_committed_is_there_after_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        await using (var server = await RunningServer.StartAsync(null, "--data", data.FullName))
        {
            await using var client = await server.ConnectAsync(TestClient.AsGameServer());
            await client.CommitAsync(Requests.Set("alice", "gold", 42));
        }

        await using (var server = await RunningServer.StartAsync(null, "--data", data.FullName))
        {
            await using var client = await server.ConnectAsync(TestClient.AsGameServer());
            Requests.Number((await client.AskAsync(Requests.Get("alice"))).Snapshot.Document, "gold").ShouldBe(42);
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_writer_goes_on_after_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        var hello = TestClient.AsGameServer();
        await using (var server = await RunningServer.StartAsync(null, "--data", data.FullName))
        {
            await using var client = await server.ConnectAsync(hello);
            await client.CommitAsync(Requests.Set("alice", "gold", 1));
            hello.Writer = client.Welcome.Writer;
        }

        await using (var server = await RunningServer.StartAsync(null, "--data", data.FullName))
        {
            await using var client = await server.ConnectAsync(hello);
            (await client.CommitAsync(Requests.Set("alice", "gold", 1))).ShouldBe(1UL);
        }

        data.Delete(recursive: true);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    [InlineData("/ready")]
    public async Task A_running_server_is_healthy(string path)
    {
        await using var server = await RunningServer.StartAsync();
        var body = await server.Http.GetFromJsonAsync<JsonObject>(path, Cancelled);
        body!["status"]!.GetValue<string>().ShouldBe("healthy");
        if (path.Contains("ready", StringComparison.Ordinal))
            body["checks"]!.ToJsonString().ShouldBe("""{"engine":"ok","store":"ok"}""");
    }

    [Fact]
    public async Task Ready_is_red_until_the_journal_is_recovered()
    {
        var faults = new StoreFaults();
        var stall = faults.StallNext(StoreOperation.Open);
        var starting = RunningServer.StartAsync(builder => builder.Services.AddSingleton<IStore>(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults)));
        await stall.Reached.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        starting.IsCompleted.ShouldBeFalse();
        stall.Release();
        await using var server = await starting;
        (await server.Http.GetAsync("/health/ready", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Ready_is_red_while_the_store_fails_and_live_is_not()
    {
        var faults = new StoreFaults();
        await using var server = await RunningServer.StartAsync(builder => builder.Services.AddSingleton<IStore>(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults)));
        faults.FailNext(StoreOperation.Check);
        var response = await server.Http.GetAsync("/health/ready", Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var body = await response.Content.ReadFromJsonAsync<JsonObject>(Cancelled);
        body!["status"]!.GetValue<string>().ShouldBe("unhealthy");
        body["checks"]!["store"]!.GetValue<string>().ShouldBe("failed");
        (await server.Http.GetAsync("/health/live", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_dev_there_are_no_development_tokens()
    {
        await using var server = await RunningServer.StartAsync();
        (await server.Http.PostAsJsonAsync("/dev/tokens", new { userId = "alice" }, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Development_tokens_are_given_only_to_whoever_asks_this_machine_by_its_own_name()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/dev/tokens") { Content = JsonContent.Create(new { userId = "alice" }) };
        request.Headers.Host = "evil.example";
        (await server.Http.SendAsync(request, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await server.Http.PostAsJsonAsync("/dev/tokens", new { userId = "" }, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await server.Http.PostAsync("/dev/tokens", new StringContent("{\"userId\":\"alice\"}"), Cancelled)).StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Wrong_credentials_are_refused_over_WebSockets_too()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        foreach (var hello in new[]
        {
            new Hello { GameServer = new GameServerCredentials { Name = "x", Secret = "wrong-wrong-wrong-wrong" } },
            new Hello { PlayerToken = await server.DevelopmentTokenAsync("alice") + "x" },
            new Hello { PlayerToken = "" },
        })
        {
            await using var client = await server.ConnectAsync();
            (await client.HelloAsync(hello)).Error.Code.ShouldBe(ErrorCodes.Unauthenticated);
            await client.UntilClosedAsync();
        }
    }

    [Fact]
    public async Task The_stream_needs_a_WebSocket_with_its_sub_protocol()
    {
        await using var server = await RunningServer.StartAsync();
        (await server.Http.GetAsync("/stream", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.UpgradeRequired);

        using var none = new ClientWebSocket();
        await Should.ThrowAsync<WebSocketException>(() => none.ConnectAsync(server.StreamAddress, Cancelled));
        using var other = new ClientWebSocket();
        other.Options.AddSubProtocol("savepoint.v9");
        await Should.ThrowAsync<WebSocketException>(() => other.ConnectAsync(server.StreamAddress, Cancelled));
        using var right = new ClientWebSocket();
        right.Options.AddSubProtocol("savepoint.v9");
        right.Options.AddSubProtocol("savepoint.v1");
        await right.ConnectAsync(server.StreamAddress, Cancelled);
        right.SubProtocol.ShouldBe("savepoint.v1");
    }

    [Fact]
    public async Task A_frame_over_the_limit_is_refused_and_only_its_connection_closed()
    {
        await using var server = await RunningServer.StartAsync(null, "--Savepoint:Streams:MaxFrameBytes=1048576", "--Savepoint:Streams:CloseTimeout=00:01:00");
        await using var other = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        await using var client = await server.ConnectAsync(TestClient.AsGameServer());
        await client.SendRawAsync(new byte[(1 << 20) + 1]);
        (await client.UntilClosedAsync())[^1].Error.Code.ShouldBe(ErrorCodes.FrameTooLarge);
        await other.CommitAsync(Requests.Set("alice", "gold", 1));
    }

    [Fact]
    public async Task A_text_message_ends_the_connection()
    {
        await using var server = await RunningServer.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("savepoint.v1");
        await socket.ConnectAsync(server.StreamAddress, Cancelled);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancelled);
        try
        {
            (await socket.ReceiveAsync(new byte[100], Cancelled)).MessageType.ShouldBe(WebSocketMessageType.Close);
        }
        catch (WebSocketException)
        {
            // It may also just be cut off.
        }
    }

    [Fact]
    public async Task At_shutdown_clients_are_told_and_ready_turns_red_while_they_drain()
    {
        await using var server = await RunningServer.StartAsync(null, "--Savepoint:Streams:DrainGrace=00:01:00");
        await using var client = await server.ConnectAsync(TestClient.AsGameServer());
        var opened = await client.OpenAsync("alice");
        var stopping = server.App.StopAsync(Cancelled);
        await client.NextAsync(message => message.Draining is not null);
        (await server.Http.GetAsync("/health/ready", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await server.Http.GetAsync("/health/live", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await client.AskAsync(Requests.End("alice", opened.Session));
        await client.UntilClosedAsync();
        await client.CloseAsync();
        await stopping;
    }

    [Fact]
    public async Task A_start_that_fails_is_reported_and_stops_the_host()
    {
        var faults = new StoreFaults();
        faults.FailNext(StoreOperation.Open, isTransient: false);
        await using var server = await RunningServer.StartAsync(builder => builder.Services.AddSingleton<IStore>(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults)));
        var engine = server.App.Services.GetRequiredService<EngineHost>();
        engine.State.ShouldBe(EngineState.Failed);
        engine.Failure.ShouldBeOfType<StoreException>();
        server.App.Lifetime.ApplicationStopping.IsCancellationRequested.ShouldBeTrue();
    }
}
