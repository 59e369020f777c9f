// This starts real processes and waits for them in real time: nothing that the simulator could steer.
#pragma warning disable RS0030

using System.Diagnostics;

namespace Savepoint.Testing;

/// <summary>
/// A real PostgreSQL and real server processes that share it, on free ports of the loopback interface and folders of their own, which go in the end: to be
/// killed, paused and started again by tests and benchmarks.
/// </summary>
public sealed class ServerCluster : IAsyncDisposable
{
    /// <summary>The number of shards.</summary>
    public const int Shards = 64;

    /// <summary>What game servers log in with.</summary>
    public const string Secret = "a-secret-for-tests-only";

    private const string Database = "savepoint";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("savepoint-cluster-");
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly List<ServerProcess> _nodes = [];

    private ServerCluster(PostgresServer postgres, IReadOnlyDictionary<string, string> settings) => (Postgres, _settings) = (postgres, settings);

    /// <summary>The database server.</summary>
    public PostgresServer Postgres { get; }

    /// <summary>The nodes, in the order in which they were started.</summary>
    public IReadOnlyList<ServerProcess> Nodes => _nodes;

    /// <summary>Starts a database and nodes named <c>node-1</c>, <c>node-2</c> and so on, and waits until each owns its share.</summary>
    /// <param name="nodes">How many.</param>
    /// <param name="settings">Settings of all nodes: <c>Cluster__LeaseDuration</c>.</param>
    /// <param name="postgres">How the database server is started.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<ServerCluster> StartAsync(
        int nodes, IReadOnlyDictionary<string, string>? settings = null, PostgresServerOptions? postgres = null, CancellationToken cancellationToken = default)
    {
        var server = await PostgresServer.StartAsync(postgres, cancellationToken);
        var cluster = new ServerCluster(server, settings ?? new Dictionary<string, string>(StringComparer.Ordinal));
        try
        {
            await server.CreateDatabaseAsync(Database, cancellationToken);
            for (var i = 1; i <= nodes; i++)
                await cluster.AddAsync($"node-{i}", cancellationToken: cancellationToken);
            await cluster.WaitUntilAllOwnAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more node and waits until it is ready.</summary>
    public async Task<ServerProcess> AddAsync(string name, IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancellationToken = default)
    {
        var node = Launch(name, settings);
        _nodes.Add(node);
        await node.WaitUntilReadyAsync(cancellationToken);
        return node;
    }

    /// <summary>Starts a node that may end by itself, and that is not this cluster's to look after.</summary>
    public ServerProcess Launch(string name, IReadOnlyDictionary<string, string>? settings = null)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Store"] = "postgres",
            ["Postgres__ConnectionString"] = Postgres.ConnectionString(Database),
            ["Cluster__Enabled"] = "true",
            ["Node"] = name,
            ["GameServerSecret"] = Secret,
        };
        foreach (var (setting, value) in _settings.Concat(settings ?? new Dictionary<string, string>(StringComparer.Ordinal)))
            all[setting] = value;
        return ServerProcess.Launch(new ServerProcessOptions
        {
            DataPath = System.IO.Path.Combine(_folder.FullName, name),
            HasDevelopmentCredentials = false,
            Settings = all.ToDictionary(setting => $"Savepoint__{setting.Key}", setting => setting.Value, StringComparer.Ordinal),
        });
    }

    /// <summary>Asks the database, with <c>psql</c>.</summary>
    public Task<string> QueryAsync(string sql, CancellationToken cancellationToken = default) => Postgres.RunAsync(Database, sql, cancellationToken);

    /// <summary>Waits until something is so in the database; asks again and again, also while that is away.</summary>
    /// <exception cref="TimeoutException">It was not for a minute.</exception>
    public async Task WaitUntilAsync(string what, string sql, string expected, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var found = "";
            try
            {
                found = await QueryAsync(sql, cancellationToken);
            }
            catch (InvalidOperationException failure)
            {
                found = failure.Message;
            }

            if (found == expected)
                return;
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"{what}: {found} instead of {expected}\n{string.Join('\n', _nodes.Select(node => node.Output[^Math.Min(node.Output.Length, 3000)..]))}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Waits until all shards have living owners, and every node that may own some has its share.</summary>
    /// <exception cref="TimeoutException">It was not so for a minute.</exception>
    public async Task WaitUntilAllOwnAsync(CancellationToken cancellationToken = default)
    {
        await WaitUntilAsync(
            "all shards are owned", "select count(*) from leases join nodes using (node_id) where leases.until > clock_timestamp()", $"{Shards}", cancellationToken);
        await WaitUntilAsync(
            "all nodes own their share",
            $"select count(*) from nodes where can_own and (select count(*) from leases where leases.node_id = nodes.node_id) < {Shards} / (select count(*) from nodes where can_own) - 1",
            "0",
            cancellationToken);
    }

    /// <summary>Ends everything and removes the folders.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await Postgres.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
