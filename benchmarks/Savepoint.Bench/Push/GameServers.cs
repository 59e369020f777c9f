using System.Diagnostics;
using Savepoint.Client;
using Savepoint.Documents;

namespace Savepoint.Bench.Push;

/// <summary>The game servers of <c>push</c>: they change the profiles in turn, open loop, and note when each change was acknowledged.</summary>
internal sealed class GameServers(SavepointClient[] clients, int profiles)
{
    // By profile, of each of its versions that was made here, in order; 0 until it is acknowledged.
    private readonly List<long>[] _acknowledged = [.. Enumerable.Range(0, profiles).Select(_ => new List<long>())];
    private readonly string[] _ids = [.. Enumerable.Range(0, profiles).Select(Accounts.Id)];
    private int _unanswered;
    private volatile string? _failure;

    public string? Failure => _failure;

    /// <summary>The version that each profile has before.</summary>
    public const int FirstVersion = 1;

    public IEnumerable<long> Versions => _acknowledged.Select(times => (long)times.Count + FirstVersion);

    public static async Task<GameServers> ConnectAsync(Uri endpoint, string secret, int servers, int profiles)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, servers).Select(i => SavepointClient.ConnectAsync(new SavepointClientOptions
        {
            Endpoint = endpoint,
            Credentials = new GameServerCredentials($"arena-{i}", secret),
            RequestTimeout = TimeSpan.FromSeconds(60),
            Window = 4_096,
        })));
        return new GameServers(clients, profiles);
    }

    public async Task CreateProfilesAsync()
    {
        foreach (var ids in _ids.Chunk(1_000))
        {
            var results = await clients[0].SubmitAsync(batch =>
            {
                foreach (var id in ids)
                    batch.Change(Accounts.Kind, id, Opening);
            });
            foreach (var result in results)
                result.VersionOrThrow();
        }
    }

    /// <summary>Returns when all changes have been acknowledged.</summary>
    public async Task RunAsync(int rate, TimeSpan duration)
    {
        await Task.Factory.StartNew(() => Run(new Pace(rate, duration)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (Volatile.Read(ref _unanswered) > 0 && _failure is null)
            await Task.Delay(10);
    }

    /// <summary>When a version was acknowledged.</summary>
    public long AcknowledgedAt(int profile, long version) => _acknowledged[profile][(int)(version - FirstVersion - 1)];

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    private void Run(Pace pace)
    {
        var delta = new DeltaWriter();
        while (pace.TryNext(out var index, out var due) && _failure is null)
        {
            var profile = (int)(index % profiles);
            delta.Reset();
            delta.Set(PlayerClient.SentAt, due);
            delta.Increment("gold", 1L);
            Interlocked.Increment(ref _unanswered);
            _ = ChangeAsync(clients[index % clients.Length], profile, delta.ToArray());
        }
    }

    private async Task ChangeAsync(SavepointClient client, int profile, byte[] delta)
    {
        try
        {
            var version = await client.MutateAsync(Accounts.Kind, _ids[profile], delta);
            var now = Stopwatch.GetTimestamp();
            var times = _acknowledged[profile];
            lock (times)
            {
                while (times.Count < version - FirstVersion)
                    times.Add(0);
                times[(int)(version - FirstVersion - 1)] = now;
            }
        }
        catch (SavepointException exception)
        {
            _failure ??= exception.Message;
        }

        Interlocked.Decrement(ref _unanswered);
    }

    private static void Opening(DeltaWriter delta)
    {
        delta.Set(PlayerClient.SentAt, 0L);
        delta.Set("gold", 100L);
        delta.Set("level", 17L);
        delta.Set("name", "Ada of the Northern Shore");
        delta.Set("class", "ranger");
        delta.Set("stats", new MapBuilder { ["strength"] = 12L, ["agility"] = 19L, ["wisdom"] = 15L, ["health"] = 87L }.Build());
        delta.Set("inventory", new MapBuilder { ["bow"] = 1L, ["arrow"] = 140L, ["rope"] = 2L, ["potion"] = 5L }.Build());
    }
}
