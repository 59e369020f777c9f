using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Savepoint.Client;
using Savepoint.EndToEnd.Cluster;

namespace Savepoint.EndToEnd.Edge;

/// <summary>HAProxy in front of three nodes, with the file of deploy/haproxy.</summary>
public sealed class HaproxyTests : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(40) };
    private readonly PlayerIssuer _issuer = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        _issuer.Dispose();
    }

    [Fact]
    public async Task The_file_is_valid_without_a_warning()
    {
        var (exitCode, output) = await HaproxyProcess.CheckAsync();
        exitCode.ShouldBe(0, output);
        output.Trim().ShouldBe("Configuration file is valid");
    }

    [Fact]
    public async Task A_user_stays_with_a_node_and_only_those_of_a_dead_one_move()
    {
        await using var cluster = await TestCluster.StartAsync(3, [("TrustedProxies__0", "127.0.0.1"), .. _issuer.Settings]);
        await using var proxy = await HaproxyProcess.StartAsync([.. cluster.Nodes.Select(node => node.Address)]);
        var players = Enumerable.Range(0, 24).Select(i => $"hero-{i}").Select(id => new Player(_http, proxy.Address, id, _issuer.Issue(id))).ToList();
        var before = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var player in players)
            before[player.UserId] = await NodeOfAsync(proxy, player);
        before.Values.Distinct(StringComparer.Ordinal).Count().ShouldBe(3, "all nodes have users");

        // Without a token, in turn.
        var served = await proxy.ServersAsync();
        for (var i = 0; i < 12; i++)
            (await _http.GetAsync(new Uri(proxy.Address, "/api/v1/profiles/hero-0"), Cancelled)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var more = (await proxy.ServersAsync()).Zip(served, (after, then) => after.Requests - then.Requests).ToList();
        (more.Sum(), more.Min() > 0).ShouldBe((12, true), string.Join(", ", more));

        // What is of the inside stays there.
        foreach (var path in new[] { "/metrics", "/METRICS", "/%6detrics", "/%4Detrics", "/Health/Ready", "/health/ready", "/internal/node", "/dev/tokens", "/Dev/tokens" })
            (await StatusAsync(proxy, path)).ShouldBe(404, path);
        foreach (var path in new[] { "/x/../metrics", "/./metrics", "/x/%2e%2e/metrics", "/x/%2E./metrics", "/x%2f../metrics", "/x/.." })
            (await StatusAsync(proxy, path)).ShouldBe(400, path);
        (await StatusAsync(proxy, "/api/v1/profiles/a..b")).ShouldBe(401);

        // Streams pass too.
        await using (var client = await SavepointClient.ConnectAsync(
            new SavepointClientOptions
            {
                Endpoint = new UriBuilder(proxy.Address) { Scheme = "ws", Path = "/stream" }.Uri,
                Credentials = new GameServerCredentials("edge", TestCluster.Secret),
                DirectConnections = false,
            },
            Cancelled))
        {
            (await client.TransactAsync(unit => unit.Change("profile", "streamed", delta => delta.Increment("count", 1L)), cancellationToken: Cancelled)).ShouldBe([1L]);
        }

        var running = players.Select(player => player.RunAsync()).ToList();
        await Task.WhenAll(players.Select(player => player.AnsweredSinceAsync(Stopwatch.GetTimestamp())));
        var at = Stopwatch.GetTimestamp();
        await cluster.Nodes[1].KillAsync();
        var dead = Stopwatch.GetTimestamp();
        await Task.WhenAll(players.Select(player => player.AnsweredSinceAsync(dead)));
        var longest = players.Max(player => Stopwatch.GetElapsedTime(at, player.LastAt));
        Console.WriteLine($"HAProxy: all users were served again {longest.TotalSeconds:F1} s after a node was killed.");
        longest.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        players.ForEach(player => player.Stop());
        await Task.WhenAll(running);
        foreach (var player in players)
        {
            (await player.ReadAsync(proxy.Address)).ShouldBe(player.Acknowledged, player.UserId);
            var now = await NodeOfAsync(proxy, player);
            if (before[player.UserId] == "node-2")
                now.ShouldNotBe("node-2");
            else
                now.ShouldBe(before[player.UserId], player.UserId);
        }
    }

    /// <summary>Asks for a path exactly as it is written, which no client of HTTP does.</summary>
    private static async Task<int> StatusAsync(HaproxyProcess proxy, string path)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancelled);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n"), Cancelled);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return int.Parse((await reader.ReadLineAsync(Cancelled))!.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Where five requests of a user go, with nobody else about: all to one.</summary>
    private static async Task<string> NodeOfAsync(HaproxyProcess proxy, Player player)
    {
        var before = await proxy.ServersAsync();
        for (var i = 0; i < 5; i++)
            await player.CountAsync();
        var sent = (await proxy.ServersAsync()).Zip(before, (after, then) => (after.Name, Requests: after.Requests - then.Requests)).Where(server => server.Requests > 0).ToList();
        sent.Count.ShouldBe(1, $"{player.UserId} went to {string.Join(", ", sent)}");
        return sent[0].Name;
    }
}
