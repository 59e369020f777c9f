using System.Security.Cryptography;
using Savepoint.Cluster;
using Savepoint.Cluster.Peers;
using Savepoint.Cluster.Routing;
using Savepoint.Engine;
using Savepoint.Server.Configuration;
using Savepoint.Server.Forwarding;
using Savepoint.Server.Hosting;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Server.Peers;

namespace Savepoint.Server.Membership;

/// <summary>
/// A node of a cluster. It comes up in this order: 1: open the database, without any shard. 2: read the key that the nodes share. 3: wait until the web server
/// listens, since others call as soon as they know of the node. 4: join. 5: wait until every shard has an owner, or nobody has taken one for long.
/// It goes down in this order: 1: hand all shards over, while clients go on by routing. 2: leave. 3: when the clients are gone, end the links and what is
/// forwarded through this node. 4: stop the engine.
/// </summary>
internal sealed class ClusteredEngine(
    StateEngine engine, ILeaseStore store, ClusterMember member, RoutedEngine router, PeerLinks links, PeerAcceptor acceptor, RequestForwarder forwarder,
    NodeIdentity identity, SavepointOptions options, IHostApplicationLifetime host, TimeProvider time, ILogger<ClusteredEngine> logger) : IEngineLifetime
{
    // While the database is away nothing can be handed over; the shards are free when the lease is over.
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan JoinPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan OwnedPause = TimeSpan.FromMilliseconds(20);

    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isLeaving;

    public Task Broken => _broken.Task;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await engine.StartWithoutShardsAsync(cancellationToken);
        identity.Enter((await store.ReadOrCreateKeyAsync(RandomNumberGenerator.GetBytes(ClusterKeys.Bytes), cancellationToken)).Span);
        await ListeningAsync(cancellationToken);
        await JoinAsync(cancellationToken);
        MembershipLog.Joined(logger, member.Self.Name, member.Self.Address, member.Self.Id, options.Cluster.Role);
        _ = WatchAsync();
        try
        {
            await OwnedAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await LeaveAsync(CancellationToken.None);
            await DisconnectAsync();
            await StopAsync(CancellationToken.None);
            throw;
        }
    }

    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        _isLeaving = true;
        var shards = engine.Snapshot().ServedShards.Count;
        var started = time.GetTimestamp();
        MembershipLog.Leaving(logger, shards);
        using var late = new CancellationTokenSource(LeaveLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await member.LeaveAsync(either.Token);
        MembershipLog.Left(logger, time.GetElapsedTime(started));
    }

    public async Task DisconnectAsync()
    {
        await forwarder.CutAsync();
        await acceptor.StopAsync();
        router.Dispose();
        await links.DisposeAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await engine.StopAsync(cancellationToken);
        await store.DisposeAsync();
    }

    /// <summary>
    /// Whoever has the name may have just died, without the database having noticed: then its lease ends, and nobody renews it. Only one that still has it
    /// after that lives.
    /// </summary>
    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await member.JoinAsync(cancellationToken);
                return;
            }
            catch (JoinRefusedException refused) when (refused.Refusal != JoinRefusal.TooOld && time.GetElapsedTime(started) < options.Cluster.LeaseDuration + JoinPause)
            {
                if (time.GetElapsedTime(started) < JoinPause)
                    MembershipLog.Waiting(logger, refused.Message);
                await Task.Delay(JoinPause, time, cancellationToken);
            }
        }
    }

    private async Task ListeningAsync(CancellationToken cancellationToken)
    {
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = host.ApplicationStarted.Register(listening.SetResult);
        await listening.Task.WaitAsync(cancellationToken);
    }

    /// <summary>A shard that is damaged has no owner, ever: the others are served all the same.</summary>
    private async Task OwnedAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(options.Cluster.LeaseDuration * 2, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            var map = member.Maps.Current;
            while (member.View is null || map.Owners.Any(owner => owner.Node is null) || !ServesItsOwn(map))
            {
                // What this node takes ends without a newer map.
                await member.Maps.WaitForNewerAsync(map.Version, OwnedPause, time, either.Token);
                map = member.Maps.Current;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            MembershipLog.NotAllOwned(logger, member.Maps.Current.Owners.Count(owner => owner.Node is null));
        }
    }

    private bool ServesItsOwn(ShardMap map)
    {
        var served = engine.Snapshot().ServedShards.ToHashSet();
        return Enumerable.Range(0, map.Count).All(shard => map[shard].Node?.Id != member.Self.Id || served.Contains(shard));
    }

    private async Task WatchAsync()
    {
        try
        {
            await member.Ended;
            if (!_isLeaving)
                _broken.TrySetException(new IOException("The node is no longer a member of its cluster."));
        }
        catch (Exception failure)
        {
            _broken.TrySetException(failure);
        }
    }
}
