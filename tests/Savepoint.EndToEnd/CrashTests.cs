using System.Collections.Concurrent;
using Savepoint.Client;

namespace Savepoint.EndToEnd;

public class CrashTests
{
    private const string Kind = "profile";
    private const int Rounds = 20;
    private const int Counters = 40;
    private const int Clients = 4;
    private const int InFlight = 100;

    [Fact]
    public async Task Every_acknowledged_change_is_there_exactly_once_after_the_server_was_killed_twenty_times()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var server = await TestServer.StartAsync();
        var load = new CounterLoad(await Task.WhenAll(Enumerable.Range(0, Clients).Select(index => server.ConnectAsync($"gs-{index}"))), seed);
        var running = load.RunAsync();

        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            // Not a wait for something to happen, but the random moment of the kill: after a random number of further acknowledgements.
            await load.AcknowledgedAsync(random.Next(1, 1500));
            await server.Process.KillAsync();
            await server.Process.StartAgainAsync(TestContext.Current.CancellationToken);
        }

        await load.AcknowledgedAsync(100);
        load.Stop();
        await running;

        load.Failures.ShouldBeEmpty();
        await using var reader = await server.ConnectAsync("reader");
        foreach (var (id, versions) in load.Versions)
        {
            var view = await reader.Store(Kind).ViewAsync(id, cancellationToken: TestContext.Current.CancellationToken);
            view!["count"].AsInt64().ShouldBe(versions.Count, $"{id}: changes acknowledged and changes there");
            view.Version.ShouldBe(versions.Count, $"{id}: one version per change");
            versions.Order().ShouldBe(Enumerable.Range(1, versions.Count).Select(version => (long)version), $"{id}: versions without gaps, none given twice");
        }
    }

    /// <summary>Increments counters, hundreds at a time in flight, and remembers the version that each acknowledgement named.</summary>
    private sealed class CounterLoad(SavepointClient[] clients, int seed)
    {
        private readonly SemaphoreSlim _acknowledged = new(0);
        private volatile bool _isStopped;

        public ConcurrentDictionary<string, ConcurrentBag<long>> Versions { get; } = new(StringComparer.Ordinal);

        public ConcurrentBag<string> Failures { get; } = [];

        public async Task RunAsync()
        {
            await Task.WhenAll(clients.SelectMany((client, index) =>
                Enumerable.Range(0, InFlight).Select(slot => RunAsync(client, new Random(seed + (index * InFlight) + slot)))));
            foreach (var client in clients)
                await client.DisposeAsync();
        }

        public void Stop() => _isStopped = true;

        public async Task AcknowledgedAsync(int count)
        {
            for (; count > 0; count--)
                (await _acknowledged.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).ShouldBeTrue("an acknowledgement in time");
        }

        private async Task RunAsync(SavepointClient client, Random random)
        {
            while (!_isStopped)
            {
                var id = $"counter-{random.Next(Counters)}";
                try
                {
                    var versions = await client.TransactAsync(unit => unit.Change(Kind, id, delta => delta.Increment("count", 1L)));
                    Versions.GetOrAdd(id, _ => []).Add(versions[0]);
                    _acknowledged.Release();
                }
                catch (SavepointException failure)
                {
                    Failures.Add($"{failure.Code} ({failure.Outcome}): {failure.Message}");
                    return;
                }
            }
        }
    }
}
