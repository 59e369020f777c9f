using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Tests;
using Savepoint.Testing;

namespace Savepoint.Server.Tests;

/// <summary>What only shows when the server is a process: signals, exit codes, and what it prints.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("savepoint-test-");

    [Fact]
    public async Task SIGTERM_drains_and_exits_with_0_and_a_second_one_changes_nothing()
    {
        await using var server = Launch(_data, ("Savepoint__Streams__DrainGrace", "00:01:00"));
        await server.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await using var client = await ConnectAsync(server);
        var opened = await client.OpenAsync("alice");

        server.SendTerminate();
        await client.NextAsync(message => message.Draining is not null);
        server.SendTerminate();
        await client.CommitAsync(Requests.Set("alice", "gold", 7, m => m.Session = opened.Session));
        await client.AskAsync(Requests.End("alice", opened.Session));
        await client.UntilClosedAsync();
        await client.CloseAsync();
        (await ExitCodeAsync(server)).ShouldBe(0, server.Output);
        server.Output.ShouldContain("everything is stored");
    }

    [Fact]
    public async Task Logs_are_JSON_and_hold_no_secrets()
    {
        await using var server = Launch(_data, ("Logging__LogLevel__Default", "Debug"));
        await server.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        var client = await ConnectAsync(server);
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        await client.DisposeAsync();
        server.SendTerminate();
        (await ExitCodeAsync(server)).ShouldBe(0, server.Output);
        server.Output.ShouldNotContain(TestClient.Secret);
        foreach (var line in server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            JsonNode.Parse(line)!["Message"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Wrong_settings_are_listed_in_a_line_each_and_the_exit_code_is_2()
    {
        await using var server = ServerProcess.Launch(new ServerProcessOptions
        {
            DataPath = _data.FullName,
            HasDevelopmentCredentials = false,
            Settings = new Dictionary<string, string> { ["Savepoint__MaxConnections"] = "0" },
        });
        (await ExitCodeAsync(server)).ShouldBe(2);
        var lines = server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2, server.Output);
        lines.ShouldAllBe(line => line.StartsWith("savepoint-server: Savepoint:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_that_another_process_holds_is_reported_in_a_line_and_the_exit_code_is_1()
    {
        await using var first = Launch(_data);
        await first.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await using var second = Launch(_data);
        (await ExitCodeAsync(second)).ShouldBe(1, second.Output);
        second.Output.Split('\n').Count(line => line.StartsWith("savepoint-server: ", StringComparison.Ordinal)).ShouldBe(1, second.Output);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_reported_in_a_line_and_the_exit_code_is_1()
    {
        await using var first = Launch(_data);
        await first.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        var other = Directory.CreateTempSubdirectory("savepoint-test-");
        await using var second = Launch(other, first.Address);
        (await ExitCodeAsync(second)).ShouldBe(1, second.Output);
        second.Output.ShouldContain("savepoint-server: ");
        other.Delete(recursive: true);
    }

    public void Dispose() => _data.Delete(recursive: true);

    private static ServerProcess Launch(DirectoryInfo data, params (string Name, string Value)[] settings) => Launch(data, address: null, settings);

    private static ServerProcess Launch(DirectoryInfo data, Uri? address, params (string Name, string Value)[] settings) =>
        ServerProcess.Launch(new ServerProcessOptions
        {
            DataPath = data.FullName,
            Address = address,
            HasDevelopmentCredentials = false,
            Settings = settings.Append(("Savepoint__GameServerSecret", TestClient.Secret)).ToDictionary(),
        });

    private static Task<int> ExitCodeAsync(ServerProcess server) => server.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));

    private static async Task<TestClient> ConnectAsync(ServerProcess server)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(WebSocketDuplex.SubProtocol);
        await socket.ConnectAsync(server.StreamEndpoint, CancellationToken.None);
        var client = new TestClient(new WebSocketDuplex(socket, 16 << 20), Task.CompletedTask);
        (await client.HelloAsync(TestClient.AsGameServer())).Welcome.ShouldNotBeNull();
        return client;
    }
}
