using System.Collections.Concurrent;
using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Testing;

namespace Savepoint.Demo;

/// <summary>The players' own clients: each watches its hero live.</summary>
internal sealed class PlayerClients : IAsyncDisposable
{
    private readonly ConcurrentBag<SavepointClient> _clients = [];
    private readonly ConcurrentDictionary<string, WatchedProfile<Hero>> _watched = new(StringComparer.Ordinal);
    private long _changes;

    public long Changes => Interlocked.Read(ref _changes);

    public int Resyncs => _watched.Values.Sum(watched => watched.Resyncs);

    public int ChecksumMismatches => _watched.Values.Sum(watched => watched.ChecksumMismatches);

    public async Task WatchAsync(ServerProcess server, string player)
    {
        var client = await SavepointClient.ConnectAsync(new SavepointClientOptions
        {
            Endpoint = server.StreamEndpoint,
            Credentials = new PlayerToken(async cancellationToken => await server.IssuePlayerTokenAsync(player, cancellationToken)),
        });
        _clients.Add(client);
        var watched = await client.Store<Hero>(Hero.Kind).WatchAsync(player, TimeSpan.Zero);
        watched.VersionChanged += _ => Interlocked.Increment(ref _changes);
        _watched[player] = watched;
    }

    /// <summary>Waits until a player's client shows the version that the server has.</summary>
    /// <returns>Whether it came to show exactly what the server has.</returns>
    public async Task<bool> ShowsAsync(string player, ProfileView<Hero> view, CancellationToken cancellationToken)
    {
        var watched = _watched[player];
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check(long version)
        {
            if (version >= view.Version)
                reached.TrySetResult();
        }

        watched.VersionChanged += Check;
        Check(watched.Version);
        try
        {
            await reached.Task.WaitAsync(cancellationToken);
            return watched.Version == view.Version && watched.Copy().ContentEquals(view.Document);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            watched.VersionChanged -= Check;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
    }
}
