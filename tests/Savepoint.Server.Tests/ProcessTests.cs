using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests;

/// <summary>What only shows when the server is a process: signals, exit codes, and what it prints.</summary>
public sealed class ProcessTests : IDisposable
{
    private const string Secret = $"--Savepoint:GameServerSecret={TestClient.Secret}";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("savepoint-test-");

    [Fact]
    public async Task SIGTERM_drains_and_exits_with_0_and_a_second_one_changes_nothing()
    {
        await using var server = ServerProcess.Start("--data", _data.FullName, "--listen", "http://127.0.0.1:0", Secret);
        var address = await server.ListeningAsync;
        await server.ReadyAsync;
        await using var client = await ConnectAsync(address);
        var opened = await client.OpenAsync("alice");

        server.SendTerminate();
        await client.NextAsync(message => message.Draining is not null);
        server.SendTerminate();
        await client.CommitAsync(Requests.Set("alice", "gold", 7, m => m.Session = opened.Session));
        await client.AskAsync(Requests.End("alice", opened.Session));
        await client.UntilClosedAsync();
        await client.CloseAsync();
        (await server.ExitCodeAsync()).ShouldBe(0, server.Output);
        server.Output.ShouldContain("everything is stored");
    }

    [Fact]
    public async Task Logs_are_JSON_and_hold_no_secrets()
    {
        await using var server = ServerProcess.Start("--data", _data.FullName, "--listen", "http://127.0.0.1:0", Secret, "--Logging:LogLevel:Default=Debug");
        var address = await server.ListeningAsync;
        await server.ReadyAsync;
        var client = await ConnectAsync(address);
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        await client.DisposeAsync();
        server.SendTerminate();
        (await server.ExitCodeAsync()).ShouldBe(0, server.Output);
        server.Output.ShouldNotContain(TestClient.Secret);
        foreach (var line in server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            JsonNode.Parse(line)!["Message"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Wrong_settings_are_listed_in_a_line_each_and_the_exit_code_is_2()
    {
        await using var server = ServerProcess.Start("--data", _data.FullName, "--Savepoint:MaxConnections=0");
        (await server.ExitCodeAsync()).ShouldBe(2);
        var lines = server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2, server.Output);
        lines.ShouldAllBe(line => line.StartsWith("savepoint-server: Savepoint:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_that_another_process_holds_is_reported_in_a_line_and_the_exit_code_is_1()
    {
        await using var first = ServerProcess.Start("--data", _data.FullName, "--listen", "http://127.0.0.1:0", Secret);
        await first.ReadyAsync;
        await using var second = ServerProcess.Start("--data", _data.FullName, "--listen", "http://127.0.0.1:0", Secret);
        (await second.ExitCodeAsync()).ShouldBe(1, second.Output);
        second.Output.Split('\n').Count(line => line.StartsWith("savepoint-server: ", StringComparison.Ordinal)).ShouldBe(1, second.Output);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_reported_in_a_line_and_the_exit_code_is_1()
    {
        await using var first = ServerProcess.Start("--data", _data.FullName, "--listen", "http://127.0.0.1:0", Secret);
        var address = await first.ListeningAsync;
        var other = Directory.CreateTempSubdirectory("savepoint-test-");
        await using var second = ServerProcess.Start("--data", other.FullName, "--listen", address.ToString(), Secret);
        (await second.ExitCodeAsync()).ShouldBe(1, second.Output);
        second.Output.ShouldContain("savepoint-server: ");
        other.Delete(recursive: true);
    }

    public void Dispose() => _data.Delete(recursive: true);

    private static async Task<TestClient> ConnectAsync(Uri address)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(WebSocketDuplex.SubProtocol);
        await socket.ConnectAsync(new Uri($"ws://{address.Authority}/stream"), CancellationToken.None);
        var client = new TestClient(new WebSocketDuplex(socket, 16 << 20), Task.CompletedTask);
        (await client.HelloAsync(TestClient.AsGameServer())).Welcome.ShouldNotBeNull();
        return client;
    }
}
