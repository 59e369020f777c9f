using System.Globalization;
using System.Text.Json;
using Savepoint.Client;
using Savepoint.Documents;

namespace Savepoint.Bench;

/// <summary>
/// The clients of <c>transfer</c>, in a process of their own: each connection keeps a number of transfers in flight, each of them acknowledged when it
/// is durable. Closed loop: a transfer begins when one has ended.
/// </summary>
internal sealed class TransferClients(TransferSettings settings, SavepointClient[] clients)
{
    public const string SecretVariable = "SAVEPOINT_SECRET";

    private static readonly Documents.Path Gold = "gold";
    private static readonly byte[] Give = Accounts.Spend(1);
    private static readonly byte[] Take = Accounts.Earn(1);

    private readonly Skew _skew = new(settings.Accounts, settings.Alpha);
    private readonly ShardMates? _mates = settings.WithinShards ? new ShardMates(settings.Accounts) : null;
    private readonly string[] _ids = [.. Enumerable.Range(0, settings.Accounts).Select(Accounts.Id)];
    private volatile bool _isCounting;
    private volatile bool _isOver;
    private volatile string? _failure;

    public static async Task<int> RunAsync(IReadOnlyList<Uri> endpoints, TransferSettings settings)
    {
        var clients = new SavepointClient[settings.Clients];
        for (var i = 0; i < clients.Length; i++)
        {
            clients[i] = await SavepointClient.ConnectAsync(new SavepointClientOptions
            {
                Endpoints = endpoints,
                Credentials = new GameServerCredentials($"bench-{i}", Environment.GetEnvironmentVariable(SecretVariable)!),
                Window = Math.Max(settings.Pipeline, 200),
            });
        }

        var bench = new TransferClients(settings, clients);
        await bench.CreateAccountsAsync();
        var result = await bench.MeasureAsync();
        Console.WriteLine(JsonSerializer.Serialize(result with { Total = await bench.TotalAsync() }));
        return 0;
    }

    /// <summary>Runs in a process of its own.</summary>
    public static async Task<TransferResult> RunElsewhereAsync(string secret, IReadOnlyList<Uri> endpoints, TransferSettings settings)
    {
        List<string> arguments =
        [
            "transfer-clients",
            "--clients", $"{settings.Clients}",
            "--pipeline", $"{settings.Pipeline}",
            "--accounts", $"{settings.Accounts}",
            "--alpha", settings.Alpha.ToString(CultureInfo.InvariantCulture),
            "--seconds", $"{settings.Seconds}",
            "--within-shards", $"{settings.WithinShards}",
        ];
        foreach (var endpoint in endpoints)
            arguments.AddRange(["--endpoint", endpoint.ToString()]);
        using var process = OtherProcess.Start(new Dictionary<string, string> { [SecretVariable] = secret }, [.. arguments]);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync();
            return JsonSerializer.Deserialize<TransferResult>(output.TrimEnd().Split('\n')[^1])!;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private async Task CreateAccountsAsync()
    {
        var opening = Accounts.OpeningDelta();
        const int perUnit = 50;
        await Parallel.ForEachAsync(_ids.Chunk(perUnit), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (ids, cancellationToken) =>
            await clients[0].TransactAsync(
                unit =>
                {
                    foreach (var id in ids)
                        unit.Change(Accounts.Kind, id, opening);
                },
                cancellationToken: cancellationToken));
    }

    private async Task<TransferResult> MeasureAsync()
    {
        var loops = clients.SelectMany((client, index) =>
            Enumerable.Range(0, settings.Pipeline).Select(slot => new Loop(this, client, seed: (index * settings.Pipeline) + slot))).ToList();
        var running = loops.ConvertAll(loop => loop.RunAsync());
        await Task.Delay(TimeSpan.FromSeconds(3));
        _isCounting = true;
        var (started, cpu) = (TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await Task.Delay(TimeSpan.FromSeconds(settings.Seconds));
        _isCounting = false;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        _isOver = true;
        await Task.WhenAll(running);

        var latency = new LatencyHistogram();
        loops.ForEach(loop => latency.Merge(loop.Latency));
        return new TransferResult(latency.Count, elapsed.TotalSeconds, latency.PercentileMs(0.50), latency.PercentileMs(0.99), 0, cpu.TotalSeconds, _failure);
    }

    private async Task<long> TotalAsync()
    {
        long total = 0;
        var store = clients[0].Store(Accounts.Kind);
        foreach (var ids in _ids.Chunk(500))
        {
            foreach (var view in await Task.WhenAll(ids.Select(id => store.ViewAsync(id))))
                total += view!.Document.Get(Gold).AsInt64();
        }

        return total;
    }

    private sealed class Loop(TransferClients bench, SavepointClient client, int seed)
    {
        private readonly Random _random = new(seed);

        public LatencyHistogram Latency { get; } = new();

        public async Task RunAsync()
        {
            await Task.Yield();
            while (!bench._isOver && bench._failure is null)
            {
                var from = bench._skew.Draw(_random);
                var to = bench._mates?.Draw(from, _random) ?? bench._skew.Draw(_random);
                if (from == to)
                    continue;
                var started = TimeProvider.System.GetTimestamp();
                try
                {
                    await client.TransactAsync(unit => unit.Change(Accounts.Kind, bench._ids[from], Give).Change(Accounts.Kind, bench._ids[to], Take));
                }
                catch (SavepointException failure)
                {
                    bench._failure = $"{failure.Code}: {failure.Message}";
                }

                if (bench._isCounting)
                    Latency.Add(TimeProvider.System.GetElapsedTime(started));
            }
        }
    }
}
