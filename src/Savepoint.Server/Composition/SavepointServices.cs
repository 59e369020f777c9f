using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Engine;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Spanning;
using Savepoint.Hosting;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Hosting.Secrets;
using Savepoint.Hosting.Tokens;
using Savepoint.Server.Configuration;
using Savepoint.Server.Development;
using Savepoint.Server.Forwarding;
using Savepoint.Server.Health;
using Savepoint.Server.Hosting;
using Savepoint.Server.Membership;
using Savepoint.Server.Metrics;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Server.RateLimits;
using Savepoint.Server.Secrets;
using Savepoint.Streams;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;

namespace Savepoint.Server.Composition;

/// <summary>Registers a server's parts.</summary>
public static class SavepointServices
{
    private const int WriterKeyBytes = 32;

    /// <summary>Registers everything but the store, which the builder chooses. What was registered before stays.</summary>
    public static SavepointBuilder AddSavepoint(this IServiceCollection services, SavepointOptions options)
    {
        services.TryAddSingleton(options);
        services.TryAddSingleton(options.Engine);
        if (options.Cluster.Enabled)
            services.AddMembership(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(ServerKinds.From);
        services.TryAddSingleton(Engine);
        services.TryAddSingleton<IStateEngine>(provider => provider.GetRequiredService<StateEngine>());
        services.TryAddSingleton<IEngineLifetime, StandaloneEngine>();
        Authentication(services, options);
        services.TryAddSingleton<IAuthorizer>(provider => new KindAuthorizer(provider.GetRequiredService<KindRegistry>(), PermissionSource.Read(options.Permissions)));
        services.AddHttpPrincipals();
        services.AddRequestLimits(options);
        services.TryAddSingleton<EngineCalls>();
        services.TryAddSingleton<EngineRequests>();
        services.TryAddSingleton<SessionEnding>();
        services.TryAddSingleton(options.Streams);
        services.TryAddSingleton<StreamMetrics>();
        services.TryAddSingleton<StreamServer>();
        services.TryAddSingleton<MetricsCollector>();
        services.TryAddSingleton<ServerAddresses>();
        if (options.Cluster.Enabled)
            services.AddForwarding();
        services.TryAddSingleton<EngineHost>();
        services.AddHostedService(provider => provider.GetRequiredService<EngineHost>());
        services.AddHostedService<EngineWatch>();
        services.TryAddSingleton<StoreHealthCheck>();
        var checks = services.AddHealthChecks().AddCheck<EngineHealthCheck>("engine").AddCheck<StoreHealthCheck>("store");
        if (options.Cluster.Enabled)
            checks.AddCheck<MembershipHealthCheck>("cluster");

        return new SavepointBuilder(services);
    }

    private static StateEngine Engine(IServiceProvider provider) => new(
        provider.GetRequiredService<ShardDatabases>(),
        provider.GetRequiredService<KindRegistry>(),
        provider.GetRequiredService<EngineOptions>(),
        provider.GetRequiredService<TimeProvider>(),
        new Random(),
        provider.GetService<IPublisher>(),
        provider.GetService<IShardPeers>());

    private static void Authentication(IServiceCollection services, SavepointOptions options)
    {
        if (options.Dev)
            services.TryAddSingleton(_ => DevelopmentKeys.LoadOrCreate(options.DataPath));
        services.TryAddSingleton<IServerSecrets>(provider => ServerSecrets.From(options, options.Cluster.Enabled ? provider.GetRequiredService<INodeCredentials>() : null));
        services.TryAddSingleton<IssuedTokenOptions>(options.Accounts);
        services.TryAddSingleton(provider => new AccessKeys(AccessKeySource.Read(options, provider.GetService<DevelopmentKeys>())));
        services.TryAddSingleton<TokenMetrics>();
        services.TryAddSingleton<PlayerKeyRing>();
        services.TryAddSingleton<IPlayerTokenIssuer, PlayerTokenIssuer>();
        services.TryAddSingleton<IPlayerTokenVerifier>(provider => new PlayerTokens(
            TrustedIssuers.From(provider), options.Tokens.CacheSize, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<TokenMetrics>()));
        services.TryAddSingleton<ICredentialVerifier>(provider =>
            new CredentialVerifier(provider.GetRequiredService<AccessKeys>(), provider.GetRequiredService<IPlayerTokenVerifier>(), provider.GetRequiredService<ILoginSessions>()));
        services.TryAddSingleton(provider => Writers(provider, options));
    }

    private static WriterIds Writers(IServiceProvider provider, SavepointOptions options)
    {
        if (!options.Cluster.Enabled)
            return new WriterIds(WriterKey(options), RandomNumberGenerator.Fill);
        var node = provider.GetRequiredService<INodeCredentials>();
        return new WriterIds(() => SharedWriterKey(node), RandomNumberGenerator.Fill);
    }

    /// <summary>The same on all nodes, so that a writer goes on at any of them.</summary>
    private static ReadOnlyMemory<byte> SharedWriterKey(INodeCredentials node) => node.TryGetKey(out var key)
        ? ClusterKeys.Derive(key, ClusterKeys.Writers)
        : throw new InvalidOperationException("The key of the cluster has not been read yet.");

    /// <summary>Kept beside the database, since writers go on after a restart; what is in memory forgets its writers too.</summary>
    private static byte[] WriterKey(SavepointOptions options) => options.Store == StoreKind.Memory
        ? RandomNumberGenerator.GetBytes(WriterKeyBytes)
        : SecretFiles.ReadOrCreate(Path.Combine(options.DataPath, "writer-key"), () => RandomNumberGenerator.GetBytes(WriterKeyBytes));
}
