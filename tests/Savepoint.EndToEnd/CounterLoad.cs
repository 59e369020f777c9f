using System.Collections.Concurrent;
using Savepoint.Client;

namespace Savepoint.EndToEnd;

/// <summary>Increments counters, many at a time in flight, and remembers the version that each acknowledgement named.</summary>
internal sealed class CounterLoad(SavepointClient[] clients, int seed, bool mayBeRefused = false, int inFlight = 100)
{
    private const string Kind = "profile";
    private const int Counters = 40;

    private readonly SemaphoreSlim _acknowledged = new(0);
    private volatile bool _isStopped;

    public ConcurrentDictionary<string, ConcurrentBag<long>> Versions { get; } = new(StringComparer.Ordinal);

    public ConcurrentBag<string> Failures { get; } = [];

    public async Task RunAsync()
    {
        await Task.WhenAll(clients.SelectMany((client, index) =>
            Enumerable.Range(0, inFlight).Select(slot => RunAsync(client, new Random(seed + (index * inFlight) + slot)))));
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    public void Stop() => _isStopped = true;

    public async Task AcknowledgedAsync(int count)
    {
        for (; count > 0; count--)
            (await _acknowledged.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).ShouldBeTrue("an acknowledgement in time");
    }

    /// <summary>Everything that was acknowledged is there, once, and nothing else.</summary>
    public async Task CheckAsync(SavepointClient reader)
    {
        Failures.ShouldBeEmpty();
        foreach (var (id, versions) in Versions)
        {
            var view = await reader.Store(Kind).ViewAsync(id, cancellationToken: TestContext.Current.CancellationToken);
            view!["count"].AsInt64().ShouldBe(versions.Count, $"{id}: changes acknowledged and changes there");
            view.Version.ShouldBe(versions.Count, $"{id}: one version per change");
            versions.Order().ShouldBe(Enumerable.Range(1, versions.Count).Select(version => (long)version), $"{id}: versions without gaps, none given twice");
        }
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
            catch (SavepointException failure) when (mayBeRefused && failure is { IsTransient: true, Outcome: RequestOutcome.NotApplied })
            {
                // The database is away: certainly not done, and no secret.
            }
            catch (SavepointException failure)
            {
                Failures.Add($"{failure.Code} ({failure.Outcome}): {failure.Message}");
                return;
            }
        }
    }
}
