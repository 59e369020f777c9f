using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Hosting;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;
using Savepoint.Server.Hosting;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests;

/// <summary>The real server, in this process, on a free port of the loopback interface and a data folder of its own.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly DirectoryInfo _data;

    private readonly bool _ownsData;

    private RunningServer(WebApplication app, DirectoryInfo data, bool ownsData)
    {
        (App, _data, _ownsData) = (app, data, ownsData);
        Http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public WebApplication App { get; }

    public HttpClient Http { get; }

    public string DataPath => _data.FullName;

    /// <summary>All tests of a process come from one address, and some as one user. What a test says itself counts more.</summary>
    public static IReadOnlyList<string> NoLimits { get; } = [.. new[] { "Address", "Session", "Player" }.Select(limit => $"--Savepoint:RateLimits:{limit}:PerSecond=0")];

    /// <summary>Starts it and waits until it is ready.</summary>
    public static Task<RunningServer> StartAsync(Action<WebApplicationBuilder>? adjust = null, params string[] args) =>
        StartAsync(Directory.CreateTempSubdirectory("savepoint-test-"), ownsData: true, args, adjust, configure: null);

    /// <summary>Starts one with a game's own parts.</summary>
    public static Task<RunningServer> StartGameAsync(Action<SavepointBuilder> configure) =>
        StartAsync(Directory.CreateTempSubdirectory("savepoint-test-"), ownsData: true, [], adjust: null, configure);

    /// <summary>Starts one on a data folder that stays.</summary>
    public static Task<RunningServer> StartAsync(DirectoryInfo data, string[] args, Action<SavepointBuilder>? configure = null) =>
        StartAsync(data, ownsData: false, args, adjust: null, configure);

    private static async Task<RunningServer> StartAsync(
        DirectoryInfo data, bool ownsData, string[] args, Action<WebApplicationBuilder>? adjust, Action<SavepointBuilder>? configure)
    {
        var app = SavepointApplication.Create(
            ["--listen", "http://127.0.0.1:0", "--data", data.FullName, $"--Savepoint:GameServerSecret={TestClient.Secret}", "--Logging:LogLevel:Default=None", .. NoLimits, .. args], adjust, configure);
        await app.StartAsync();
        var server = new RunningServer(app, data, ownsData);
        await app.Services.GetRequiredService<EngineHost>().Starting.WaitAsync(TimeSpan.FromSeconds(20));
        return server;
    }

    /// <summary>A WebSocket that has said nothing yet.</summary>
    public async Task<TestClient> ConnectAsync(int maxFrameBytes = 16 << 20)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(WebSocketDuplex.SubProtocol);
        await socket.ConnectAsync(StreamAddress, CancellationToken.None);
        return new TestClient(new WebSocketDuplex(socket, maxFrameBytes), Task.CompletedTask);
    }

    public Uri StreamAddress => new(Http.BaseAddress!.ToString().Replace("http:", "ws:", StringComparison.Ordinal) + "stream");

    public async Task<TestClient> ConnectAsync(Hello hello)
    {
        var client = await ConnectAsync();
        var answer = await client.HelloAsync(hello);
        answer.Welcome.ShouldNotBeNull(answer.ToString());
        return client;
    }

    public async Task<string> DevelopmentTokenAsync(string userId)
    {
        var response = await Http.PostAsJsonAsync("/dev/tokens", new { userId });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!["token"]!.GetValue<string>();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        if (_ownsData)
            _data.Delete(recursive: true);
    }
}
