using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Cluster;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Protocol.Duplex;
using Savepoint.Hosting.Routing;
using Savepoint.Server.Forwarding;
using Savepoint.Server.Hosting;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Server.Peers;
using Savepoint.Storage.Memory;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>A node of a cluster that only looks like one: a real server with a map that the test draws, a store of its own, and endpoints to be forwarded to.</summary>
internal sealed class TestNode : IAsyncDisposable, IPeerAcceptor
{
    private readonly WebApplication _app;

    private TestNode(string name, Guid id, byte[]? key, string[] args)
    {
        Maps = new TestMaps(new ClusterNode(id, name, new Uri("http://127.0.0.1:1"), 1));
        _app = SavepointApplication.Create(
            [
                "--cluster", "--node", name, "--listen", "http://127.0.0.1:0", "--store", "postgres", "--Savepoint:Postgres:ConnectionString=Host=none",
                "--Savepoint:ListenHttp2=http://127.0.0.1:0", "--Savepoint:Cluster:AdvertisedAddress=http://127.0.0.1:1", $"--Savepoint:GameServerSecret={TestClient.Secret}", "--Logging:LogLevel:Default=None",
                "--data", SharedData.Path, .. RunningServer.NoLimits, .. args,
            ],
            builder =>
            {
                builder.Services.AddSingleton<IStore>(new MemoryStore(new MemoryDatabase()));
                builder.Services.AddSingleton<INodeCredentials>(new TestCredentials(id, key));
                builder.Services.AddSingleton<IShardMaps>(Maps);
                builder.Services.AddSingleton<IPeerAcceptor>(this);
                builder.Services.AddSingleton<IEngineLifetime, StandaloneEngine>();
                builder.Services.AddSingleton<IStateEngine>(provider => provider.GetRequiredService<StateEngine>());
            });
        MapEndpoints();
    }

    public ClusterNode Node => Maps.Self;

    public TestMaps Maps { get; }

    public IServiceProvider Services => _app.Services;

    public Uri Http2Address => Services.GetRequiredService<ServerAddresses>().Http2!;

    public ConcurrentQueue<(Guid Node, IFrameDuplex Duplex)> Peers { get; } = new();

    /// <summary>Ends when a request to <c>/test/wait</c> has come, and when its client has gone.</summary>
    public (TaskCompletionSource Came, TaskCompletionSource Gone) Waiting { get; } =
        (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public int Served;

    public static async Task<TestNode> StartAsync(string name, Guid? id = null, byte[]? key = null, params string[] args)
    {
        var node = new TestNode(name, id ?? Guid.NewGuid(), key ?? TestCredentials.Shared, args);
        await node._app.StartAsync();
        node.Maps.Self = node.Maps.Self with { Address = new Uri(node._app.Urls.First()) };
        await node.Services.GetRequiredService<EngineHost>().Starting;
        return node;
    }

    /// <summary>The nodes agree on who owns what.</summary>
    public static void Assign(ClusterNode? owner, TestNode[] nodes, params string[] owners)
    {
        foreach (var node in nodes)
            node.Maps.Assign(owner, owners);
    }

    public async Task RunAsync(Guid node, IFrameDuplex duplex, CancellationToken cancellationToken)
    {
        Peers.Enqueue((node, duplex));
        while (await duplex.ReceiveAsync(cancellationToken) is { } frame)
            await duplex.SendAsync(frame, cancellationToken);
        await duplex.DisposeAsync();
    }

    /// <summary>As the signal to stop does, and the web server goes on for the moment.</summary>
    public void StopServing() => _app.Lifetime.StopApplication();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private void MapEndpoints()
    {
        _app.MapGet("/test/local", () => Node.Name);
        _app.MapGet("/test/who", Answer).RouteToOwner();
        _app.MapGet("/test/who/{user}", Answer).RouteToOwner(routeValue: "user");
        _app.MapGet("/test/me", Answer).RouteToOwner(byToken: true);
        _app.MapGet("/test/path/{**rest}", (HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget).RouteToOwner();
        _app.MapGet("/test/headers", (HttpContext context) => Results.Json(new
        {
            address = $"{context.Connection.RemoteIpAddress}",
            host = context.Request.Host.Value,
            forwardedFor = context.Request.Headers["X-Forwarded-For"].ToString(),
            forwardedHost = context.Request.Headers["X-Forwarded-Host"].ToString(),
            forwardedProto = context.Request.Headers["X-Forwarded-Proto"].ToString(),
        })).RouteToOwner();
        _app.MapPost("/test/echo", EchoAsync).RouteToOwner().WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(16 << 20));
        _app.MapMethods("/test/break", ["GET", "POST", "PUT", "DELETE"], BreakAsync).RouteToOwner();
        _app.MapGet("/test/wait", WaitAsync).RouteToOwner();
        _app.MapGet("/test/throw", string () => throw new InvalidOperationException("A secret of the inside.")).RouteToOwner();
    }

    private string Answer()
    {
        Interlocked.Increment(ref Served);
        return Node.Name;
    }

    /// <summary>Sends back what comes while it comes, and its hash as a trailer, where there are trailers.</summary>
    private static async Task EchoAsync(HttpContext context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[16 << 10];
        await context.Response.StartAsync();
        await context.Response.Body.FlushAsync();
        while (await context.Request.Body.ReadAsync(buffer) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
            await context.Response.Body.FlushAsync();
        }

        if (context.Response.SupportsTrailers())
            context.Response.AppendTrailer("test-hash", Convert.ToHexString(hash.GetHashAndReset()));
    }

    /// <summary>Does its work, and breaks off before it has answered another node.</summary>
    private async Task BreakAsync(HttpContext context)
    {
        Interlocked.Increment(ref Served);
        await context.Request.Body.CopyToAsync(Stream.Null);
        if (context.Features.Get<ICallingNode>() is not null)
            context.Abort();
    }

    private async Task WaitAsync(HttpContext context)
    {
        context.RequestAborted.Register(Waiting.Gone.SetResult);
        Waiting.Came.SetResult();
        await Waiting.Gone.Task;
    }
}
