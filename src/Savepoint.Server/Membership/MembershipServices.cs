using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Cluster;
using Savepoint.Cluster.Peers;
using Savepoint.Cluster.Routing;
using Savepoint.Engine;
using Savepoint.Engine.Spanning;
using Savepoint.Server.Configuration;
using Savepoint.Server.Hosting;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Server.Peers;
using Savepoint.Streams.ShardMaps;

namespace Savepoint.Server.Membership;

/// <summary>Registers what makes a server a node of a cluster.</summary>
internal static class MembershipServices
{
    public static void AddMembership(this IServiceCollection services, SavepointOptions options)
    {
        services.TryAddSingleton<TimeProvider, BoottimeClock>();
        services.TryAddSingleton<NodeIdentity>();
        services.TryAddSingleton<INodeCredentials>(provider => provider.GetRequiredService<NodeIdentity>());
        services.TryAddSingleton(provider => new ShardMaps(provider.GetRequiredService<NodeIdentity>().Self, options.Engine.ShardCount));
        services.TryAddSingleton<IShardMaps>(provider => provider.GetRequiredService<ShardMaps>());
        services.TryAddSingleton(MemberOptionsOf(options));
        services.TryAddSingleton(PeerOptionsOf(options));
        services.TryAddSingleton<PeerAnswers>();
        services.TryAddSingleton<IPeerConnector, WebSocketPeerConnector>();
        services.TryAddSingleton(Links);
        services.TryAddSingleton<IShardPeers>(provider => new ShardPeers(provider.GetRequiredService<IShardMaps>(), provider.GetRequiredService<PeerLinks>()));
        services.TryAddSingleton<IShardMapSource, StreamShardMaps>();
        services.TryAddSingleton<PeerHost>();
        services.TryAddSingleton<PeerAcceptor>();
        services.TryAddSingleton<IPeerAcceptor>(provider => provider.GetRequiredService<PeerAcceptor>());
        services.TryAddSingleton<RoutedEngine>();
        services.TryAddSingleton<IStateEngine>(provider => provider.GetRequiredService<RoutedEngine>());
        services.TryAddSingleton<MembershipMetrics>();
        services.TryAddSingleton<MembershipWatch>();
        services.TryAddSingleton(Member);
        services.TryAddSingleton<IEngineLifetime, ClusteredEngine>();
    }

    private static MemberOptions MemberOptionsOf(SavepointOptions options) => new()
    {
        Lease = options.Cluster.LeaseDuration,
        RenewEvery = options.Cluster.RenewInterval,
        RenewTimeout = 0.3 * options.Cluster.LeaseDuration,
        CanOwn = options.Cluster.Role == NodeRole.Node,
    };

    private static PeerOptions PeerOptionsOf(SavepointOptions options)
    {
        var defaults = new PeerOptions { RouteWithin = options.Cluster.ForwardTimeout };

        // A link to an owner that stands still has to be given up before its shards are another's: what comes back from it later would be behind what the next
        // owner got.
        var most = 0.45 * options.Cluster.LeaseDuration;
        return defaults.SilenceLimit <= most ? defaults : defaults with { SilenceLimit = most, PingEvery = most / 3 };
    }

    private static PeerLinks Links(IServiceProvider provider)
    {
        var logger = provider.GetRequiredService<ILogger<PeerAcceptor>>();
        return new PeerLinks(
            provider.GetRequiredService<NodeIdentity>().Self,
            () => provider.GetRequiredService<StateEngine>().DatabaseId,
            provider.GetRequiredService<IPeerConnector>(),
            provider.GetRequiredService<PeerAnswers>(),
            provider.GetRequiredService<PeerOptions>(),
            provider.GetRequiredService<TimeProvider>())
        {
            LinkEnded = (node, reason) => MembershipLog.LinkEnded(logger, node.Name, reason),
        };
    }

    private static ClusterMember Member(IServiceProvider provider)
    {
        var watch = provider.GetRequiredService<MembershipWatch>();
        var links = provider.GetRequiredService<PeerLinks>();
        var engine = provider.GetRequiredService<StateEngine>();
        var member = new ClusterMember(
            provider.GetRequiredService<ShardMaps>(),
            engine,
            provider.GetRequiredService<ILeaseStore>(),
            links,
            provider.GetRequiredService<MemberOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            watch);
        var answers = provider.GetRequiredService<PeerAnswers>();
        answers.Add(PeerCall.HandOver, member.AnswerAsync);
        answers.Add(PeerCall.Unit, engine.AnswerAsync);
        var lease = provider.GetRequiredService<MemberOptions>().Lease;
        var router = provider.GetRequiredService<RoutedEngine>();
        provider.GetRequiredService<MembershipMetrics>().Observe(() => new MembershipSnapshot(
            member.View?.Nodes.Count ?? 0,
            member.View?.FeatureLevel ?? 0,
            member.Maps.Current.Owners.Count(owner => owner.Node is null),
            watch.SinceRenewal is { } since && since < lease ? lease - since : TimeSpan.Zero,
            links.Snapshot().Count(link => link.IsOpen),
            router.Waiting));
        return member;
    }
}
