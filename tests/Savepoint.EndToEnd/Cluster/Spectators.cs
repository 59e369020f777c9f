using System.Collections.Concurrent;
using Savepoint.Client;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>Watch counters whose version is their count, so that whatever they see can be judged by itself.</summary>
internal sealed class Spectators
{
    private readonly ConcurrentBag<string> _failures = [];
    private readonly List<WatchedProfile<Untyped>> _watched = [];
    private int _seen;
    private int _jumps;

    public int Seen => _seen;

    /// <summary>Versions that came as a whole document, after a connection or an owner was lost, rather than one by one.</summary>
    public int Jumps => _jumps;

    public async Task WatchAsync(SavepointClient client, IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            var watched = await client.Store("profile").WatchAsync(id, TimeSpan.Zero, TestContext.Current.CancellationToken);
            var last = watched.Version;
            watched.VersionChanged += version =>
            {
                Interlocked.Increment(ref _seen);

                // Of a counter that nobody has raised yet, a watch that begins again tells once more that there is none.
                if (version <= last && (version, last) != (0, 0))
                    _failures.Add($"{id}: version {version} after {last}");
                if (version != last + 1)
                    Interlocked.Increment(ref _jumps);
                last = version;
                if (watched["count"].AsInt64() != version)
                    _failures.Add($"{id}: version {version} shows {watched["count"]}");
            };
            watched.Closed += failure => _failures.Add($"{id}: {failure.Code}");
            _watched.Add(watched);
        }
    }

    public void Check()
    {
        _failures.ShouldBeEmpty();
        _watched.Sum(watched => watched.ChecksumMismatches).ShouldBe(0);
        _jumps.ShouldBeLessThan(_seen / 20, "versions are passed over only where a connection or an owner was lost");
    }
}
