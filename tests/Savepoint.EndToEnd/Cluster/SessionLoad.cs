using System.Collections.Concurrent;
using Savepoint.Client;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>Heroes that hop between game servers, each on another node: what one has saved, the next one finds.</summary>
internal sealed class SessionLoad(SavepointClient[] clients, int heroes)
{
    private const string Kind = "profile";

    private readonly ConcurrentBag<string> _failures = [];
    private volatile bool _isStopped;
    private int _hops;
    private int _interrupted;

    public int Hops => _hops;

    public int Interrupted => _interrupted;

    public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, heroes).Select(hero => RunAsync($"hero-{hero}", hero)));

    public void Stop() => _isStopped = true;

    public void Check() => _failures.ShouldBeEmpty();

    private async Task RunAsync(string id, int turn)
    {
        long saved = 0, tried = 0;
        while (!_isStopped)
        {
            try
            {
                var opened = await clients[turn++ % clients.Length].Store(Kind).OpenSessionAsync(id, cancellationToken: TestContext.Current.CancellationToken);
                if (opened is not SessionOpenResult<Untyped>.Acquired)
                {
                    // The node drains.
                    Interlocked.Increment(ref _interrupted);
                    continue;
                }

                var profile = opened.ProfileOrThrow();
                var hops = profile.TryGet("hops", out var value) ? value.AsInt64() : 0;
                if (hops < saved || hops > tried)
                    _failures.Add($"{id} has {hops} hops; {saved} were saved and {tried} tried");
                tried = hops + 1;
                profile["hops"] = tried;
                await profile.SaveAsync(TestContext.Current.CancellationToken);
                saved = tried;
                await profile.EndSessionAsync(TestContext.Current.CancellationToken);
                Interlocked.Increment(ref _hops);
            }
            catch (SavepointException)
            {
                // Refused or unknown: what is there is looked at when it is opened next.
                Interlocked.Increment(ref _interrupted);
            }
        }
    }
}
