using Microsoft.Extensions.Logging;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Incoming;
using Savepoint.Streams.ShardMaps;
using Savepoint.Streams.Templates;

namespace Savepoint.Streams;

/// <summary>
/// Serves the stream protocol to any number of connections. All methods may be called from several threads at once. It stays on the scheduler of its
/// callers and takes time and randomness from outside, so a simulator can run it.
/// </summary>
public sealed class StreamServer
{
    private readonly StreamServices _services;
    private readonly ConnectionTable _table = new();

    /// <summary>Makes a server for an engine that is started before the first connection comes.</summary>
    /// <param name="engine">The state.</param>
    /// <param name="kinds">The kinds that the engine was made with.</param>
    /// <param name="credentials">Finds out who connects.</param>
    /// <param name="authorizer">Decides what they may do.</param>
    /// <param name="writers">Issues the ids of writers.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">What to count in.</param>
    /// <param name="logger">Where to log to.</param>
    /// <param name="shardMaps">What the node knows of who owns which shard; null for a server alone, which owns all of them.</param>
    /// <param name="logins">Ends the connections of players whose login session ends; null where there are no login sessions.</param>
    public StreamServer(
        IStateEngine engine,
        KindRegistry kinds,
        ICredentialVerifier credentials,
        IAuthorizer authorizer,
        WriterIds writers,
        StreamOptions options,
        TimeProvider time,
        StreamMetrics metrics,
        ILogger<StreamServer> logger,
        IShardMapSource? shardMaps = null,
        ILoginSessions? logins = null)
    {
        _services = new StreamServices
        {
            Engine = engine,
            Options = options,
            Credentials = credentials,
            Logins = logins ?? NoLoginSessions.Instance,
            Authorizer = authorizer,
            Writers = writers,
            Kinds = new KindNames(kinds),
            Templates = new TemplateTable(kinds),
            ShardMaps = new ShardMapFeed(shardMaps, kinds, options.NodeName, _table),
            Time = time,
            Metrics = metrics,
            Logger = logger,
        };
    }

    /// <summary>Connections that are being served now.</summary>
    public long Connections => _services.Connections.Count;

    /// <summary>Sessions that connected clients hold now.</summary>
    public long Sessions => _services.Sessions.Count;

    /// <summary>Whether <see cref="DrainAsync"/> was called.</summary>
    public bool IsDraining => _services.IsDraining;

    /// <summary>Serves one connection until it ends, and disposes of it. Throws nothing: what goes wrong with a connection ends that connection only.</summary>
    /// <param name="duplex">The connection.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    public async Task RunAsync(IFrameDuplex duplex, CancellationToken cancellationToken)
    {
        _services.Connections.Increment();
        _services.Metrics.ConnectionsChanged(1);
        try
        {
            await new StreamConnection(_services, _table, duplex, cancellationToken).RunAsync();
        }
        finally
        {
            _services.Metrics.ConnectionsChanged(-1);
            _services.Connections.Decrement();
        }
    }

    /// <summary>
    /// Prepares for shutdown. 1: new connections and sessions are refused. 2: every client is told. 3: they have the grace period to end their sessions;
    /// it is over early when there are none. 4: the connections are closed, each after what waits for its client is sent. Returns when all have ended.
    /// </summary>
    /// <param name="cancellationToken">Goes to step 4 at once.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var grace = _services.Options.DrainGrace;
        _services.IsDraining = true;
        StreamLog.Draining(_services.Logger, Connections, Sessions, grace);
        foreach (var connection in _table.All())
        {
            connection.Push(new ServerMessage { Draining = new Draining { GraceMs = (uint)grace.TotalMilliseconds } });
            connection.WithdrawWaiting();
        }

        await WaitForNoneAsync(_services.Sessions, grace, cancellationToken);
        StreamLog.Drained(_services.Logger, Sessions);

        foreach (var connection in _table.All())
            connection.Finish();
        await WaitForNoneAsync(_services.Connections, _services.Options.CloseTimeout * 2, CancellationToken.None);
        foreach (var connection in _table.All())
            connection.Abort();
    }

    private async Task WaitForNoneAsync(Tally tally, TimeSpan most, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(most, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await tally.WaitForZeroAsync(either.Token);
    }
}
