using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;
using Savepoint.Server.Hosting;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests;

/// <summary>The real server, in this process, on a free port of the loopback interface and a data folder of its own.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly DirectoryInfo _data;

    private RunningServer(WebApplication app, DirectoryInfo data)
    {
        (App, _data) = (app, data);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public WebApplication App { get; }

    public HttpClient Http { get; }

    public string DataPath => _data.FullName;

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<RunningServer> StartAsync(Action<WebApplicationBuilder>? adjust = null, params string[] args)
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        var app = SavepointApplication.Create(
            ["--listen", "http://127.0.0.1:0", "--data", data.FullName, $"--Savepoint:GameServerSecret={TestClient.Secret}", "--Logging:LogLevel:Default=None", .. args], adjust);
        await app.StartAsync();
        var server = new RunningServer(app, data);
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
        _data.Delete(recursive: true);
    }
}
