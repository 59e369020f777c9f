using System.Globalization;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Protocol.Duplex;
using Savepoint.Testing;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>A real PostgreSQL and real nodes on folders of their own, which go in the end.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const int Shards = 64;
    public const string Secret = "a-secret-for-tests-only";
    private const string Database = "savepoint";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("savepoint-cluster-");
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private readonly (string Name, string Value)[] _settings;

    private TestCluster(PostgresServer postgres, (string Name, string Value)[] settings)
    {
        (Postgres, _settings) = (postgres, settings);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
    }

    public PostgresServer Postgres { get; }

    public List<ServerProcess> Nodes { get; } = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<TestCluster> StartAsync(int nodes, params (string Name, string Value)[] settings)
    {
        var postgres = await PostgresServer.StartAsync(cancellationToken: Cancelled);
        await postgres.CreateDatabaseAsync(Database, Cancelled);
        var cluster = new TestCluster(postgres, settings);
        try
        {
            for (var i = 1; i <= nodes; i++)
                await cluster.AddAsync($"node-{i}");
            await cluster.WaitUntilAllOwnAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task<ServerProcess> AddAsync(string name, params (string Name, string Value)[] settings)
    {
        var node = Launch(name, settings);
        Nodes.Add(node);
        await node.WaitUntilReadyAsync(Cancelled);
        return node;
    }

    /// <summary>Starts a node that may end by itself, and that is not this cluster's to look after.</summary>
    public ServerProcess Launch(string name, params (string Name, string Value)[] settings) => ServerProcess.Launch(new ServerProcessOptions
    {
        DataPath = System.IO.Path.Combine(_folder.FullName, name),
        HasDevelopmentCredentials = false,
        Settings = new (string Name, string Value)[]
        {
            ("Store", "postgres"),
            ("Postgres__ConnectionString", Postgres.ConnectionString(Database)),
            ("Cluster__Enabled", "true"),
            ("Node", name),
            ("GameServerSecret", Secret),
        }.Concat(_settings).Concat(settings).GroupBy(setting => setting.Name).ToDictionary(group => $"Savepoint__{group.Key}", group => group.Last().Value),
    });

    /// <summary>Connects as a game server that tries the nodes in turn, from the first that is given, until one welcomes it.</summary>
    public Task<SavepointClient> ConnectAsync(string name, params ServerProcess[] nodes)
    {
        var next = 0;
        return SavepointClient.ConnectAsync(
            new SavepointClientOptions
            {
                Connect = async token => await OpenAsync(nodes[next++ % nodes.Length].StreamEndpoint, token),
                Credentials = new GameServerCredentials(name, Secret),
                RequestTimeout = TimeSpan.FromSeconds(60),
                KeepAliveInterval = TimeSpan.FromSeconds(1),
                ConnectTimeout = TimeSpan.FromSeconds(2),
                ReconnectMaxDelay = TimeSpan.FromMilliseconds(500),
            },
            Cancelled);
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

    public Task<string> QueryAsync(string sql) => Postgres.RunAsync(Database, sql, Cancelled);

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

    /// <summary>Waits until something is so in the database; asks again and again, also while that is away.</summary>
    public async Task WaitUntilAsync(string what, string sql, string expected)
    {
        var late = DateTime.UtcNow + TimeSpan.FromSeconds(60);
        while (true)
        {
            var found = "";
            try
            {
                found = await QueryAsync(sql);
            }
            catch (InvalidOperationException failure)
            {
                found = failure.Message;
            }

            if (found == expected)
                return;
            if (DateTime.UtcNow > late)
                throw new TimeoutException($"{what}: {found} instead of {expected}\n{string.Join('\n', Nodes.Select(node => node.Output[^Math.Min(node.Output.Length, 3000)..]))}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancelled);
        }
    }

    /// <summary>Waits until all shards have living owners, and every node that may own some has its share.</summary>
    public async Task WaitUntilAllOwnAsync()
    {
        await WaitUntilAsync("all shards are owned", $"select count(*) from leases join nodes using (node_id) where leases.until > clock_timestamp()", $"{Shards}");
        await WaitUntilAsync(
            "all nodes own their share",
            $"select count(*) from nodes where can_own and (select count(*) from leases where leases.node_id = nodes.node_id) < {Shards} / (select count(*) from nodes where can_own) - 1",
            "0");
    }

    /// <summary>How often a shard's journal went on under an older epoch, or left a gap: both mean that two have written to it.</summary>
    public Task<string> JournalFaultsAsync() => QueryAsync("""
        select count(*) from (
            select epoch, first_seq, number, lag(epoch) over s as epoch_before, lag(last_seq) over s as end_before, lag(number) over s as number_before
            from journal window s as (partition by shard order by first_seq)) as segments
        where epoch < epoch_before or first_seq <> end_before + 1 or number <> number_before + 1
        """);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        await Postgres.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }
}
