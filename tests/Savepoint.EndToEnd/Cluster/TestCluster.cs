using System.Globalization;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Protocol.Duplex;
using Savepoint.Testing;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>Real nodes on a real PostgreSQL, and clients of theirs.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const int Shards = ServerCluster.Shards;
    public const string Secret = ServerCluster.Secret;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly ServerCluster _servers;

    private TestCluster(ServerCluster servers)
    {
        _servers = servers;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
    }

    public PostgresServer Postgres => _servers.Postgres;

    public IReadOnlyList<ServerProcess> Nodes => _servers.Nodes;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<TestCluster> StartAsync(int nodes, params (string Name, string Value)[] settings) =>
        new(await ServerCluster.StartAsync(nodes, SettingsOf(settings), cancellationToken: Cancelled));

    public Task<ServerProcess> AddAsync(string name, params (string Name, string Value)[] settings) => _servers.AddAsync(name, SettingsOf(settings), Cancelled);

    /// <summary>Starts a node that may end by itself, and that is not this cluster's to look after.</summary>
    public ServerProcess Launch(string name, params (string Name, string Value)[] settings) => _servers.Launch(name, SettingsOf(settings));

    /// <summary>Connects as a game server to one of the nodes, and from there to every owner.</summary>
    public static Task<SavepointClient> ConnectAsync(string name, params ServerProcess[] nodes) => SavepointClient.ConnectAsync(
        OptionsOf(name) with { Endpoints = [.. nodes.Select(node => node.StreamEndpoint)], ConnectTo = OpenAsync }, Cancelled);

    /// <summary>Connects as a game server that has one connection, and everything passed on by that node. It tries the nodes in turn, from the first that is given.</summary>
    public static Task<SavepointClient> ConnectThroughAsync(string name, params ServerProcess[] nodes)
    {
        var next = 0;
        return SavepointClient.ConnectAsync(
            OptionsOf(name) with { Connect = async token => await OpenAsync(nodes[next++ % nodes.Length].StreamEndpoint, token), DirectConnections = false }, Cancelled);
    }

    public static async Task<IFrameDuplex> OpenAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol(WebSocketDuplex.SubProtocol);
            socket.Options.Proxy = null;
            await socket.ConnectAsync(endpoint, cancellationToken);
            return new WebSocketDuplex(socket, 16 << 20);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public Task<string> QueryAsync(string sql) => _servers.QueryAsync(sql, Cancelled);

    /// <summary>What a node says of the cluster.</summary>
    public async Task<JsonNode> AskAsync(ServerProcess node, string what) =>
        JsonNode.Parse(await _http.GetStringAsync(new Uri(node.Address, $"/api/v1/cluster/{what}"), Cancelled))!;

    /// <summary>The shards that a node owns.</summary>
    public async Task<HashSet<int>> ShardsOfAsync(string name) =>
        [.. (await QueryAsync($"select shard from leases join nodes using (node_id) where name = '{name}' and leases.until > clock_timestamp()"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(shard => int.Parse(shard, CultureInfo.InvariantCulture))];

    /// <summary>An id in each shard.</summary>
    public static string[] IdPerShard(string prefix)
    {
        var ids = new string?[Shards];
        for (var i = 0; ids.Contains(null); i++)
            ids[ShardHash.ShardOf($"{prefix}-{i}", Shards)] ??= $"{prefix}-{i}";
        return ids!;
    }

    public Task WaitUntilAsync(string what, string sql, string expected) => _servers.WaitUntilAsync(what, sql, expected, Cancelled);

    public Task WaitUntilAllOwnAsync() => _servers.WaitUntilAllOwnAsync(Cancelled);

    /// <summary>How often a shard's journal went on under an older epoch, or left a gap: both mean that two have written to it.</summary>
    public Task<string> JournalFaultsAsync() => QueryAsync("""
        select count(*) from (
            select epoch, first_seq, number, lag(epoch) over s as epoch_before, lag(last_seq) over s as end_before, lag(number) over s as number_before
            from journal window s as (partition by shard order by first_seq)) as segments
        where epoch < epoch_before or first_seq <> end_before + 1 or number <> number_before + 1
        """);

    public async ValueTask DisposeAsync()
    {
        await _servers.DisposeAsync();
        _http.Dispose();
    }

    private static SavepointClientOptions OptionsOf(string name) => new()
    {
        Credentials = new GameServerCredentials(name, Secret),
        RequestTimeout = TimeSpan.FromSeconds(60),
        KeepAliveInterval = TimeSpan.FromSeconds(1),
        ConnectTimeout = TimeSpan.FromSeconds(2),
        ReconnectMaxDelay = TimeSpan.FromMilliseconds(500),
    };

    private static Dictionary<string, string> SettingsOf((string Name, string Value)[] settings) =>
        settings.ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal);
}
