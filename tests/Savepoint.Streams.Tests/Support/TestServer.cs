using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging.Abstractions;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Protocol.Duplex;
using Savepoint.Storage.Memory;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.ShardMaps;

namespace Savepoint.Streams.Tests;

/// <summary>The stream server over the real engine and a store in memory.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private static readonly KindRegistry Kinds = new([new Kind { Name = Requests.Kind }, new Kind { Name = "character", Owner = id => id.Split(':')[0] }]);

    private readonly List<TestClient> _clients = [];
    private readonly StreamMetrics _metrics = new();

    private TestServer(StreamOptions options, TimeProvider time, StoreFaults faults, IShardMapSource? shardMaps, KindRegistry kinds)
    {
        Faults = faults;
        var random = new Random(4711);
        Engine = new StateEngine(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults), kinds, new EngineOptions { ShardCount = 4 }, time, random);
        Streams = new StreamServer(
            Engine,
            kinds,
            new CredentialVerifier(
                new AccessKeys(
                [
                    (TestClient.Secret, new AccessKey(PrincipalRole.GameServer)),
                    (TrustedSecret, new AccessKey(PrincipalRole.GameServer) { Level = 5 }),
                    (ShopSecret, new AccessKey(PrincipalRole.Service) { Name = "shop" }),
                ]),
                new TestTokens(),
                Logins),
            new KindAuthorizer(kinds),
            new WriterIds(new byte[32], bytes => random.NextBytes(bytes)),
            options,
            time,
            _metrics,
            NullLogger<StreamServer>.Instance,
            shardMaps,
            Logins);
    }

    /// <summary>The secret of game servers of level 5.</summary>
    public const string TrustedSecret = "a-secret-of-level-five";

    public const string ShopSecret = "a-secret-of-the-shop";

    public StateEngine Engine { get; }

    public StreamServer Streams { get; }

    public TestLogins Logins { get; } = new();

    public StoreFaults Faults { get; }

    public static async Task<TestServer> StartAsync(StreamOptions? options = null, TimeProvider? time = null, IShardMapSource? shardMaps = null, params Kind[] kinds)
    {
        var server = new TestServer(options ?? new StreamOptions(), time ?? TimeProvider.System, new StoreFaults(), shardMaps, kinds.Length == 0 ? Kinds : new KindRegistry(kinds));
        await server.Engine.StartAsync(CancellationToken.None);
        return server;
    }

    /// <summary>A connection that has not said Hello.</summary>
    public TestClient Connect()
    {
        var (client, server) = InProcessDuplex.CreatePair();
        var result = new TestClient(client, Streams.RunAsync(server, CancellationToken.None));
        _clients.Add(result);
        return result;
    }

    public async Task<TestClient> ConnectAsync(Protocol.Messages.Hello? hello = null)
    {
        var client = Connect();
        var answer = await client.HelloAsync(hello ?? TestClient.AsGameServer());
        answer.Welcome.ShouldNotBeNull(answer.ToString());
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        await Engine.StopAsync(CancellationToken.None);
        await Engine.DisposeAsync();
        _metrics.Dispose();
    }

    /// <summary>Takes <c>token-of-alice</c>, and <c>token-of-alice@phone</c> with a login session.</summary>
    private sealed class TestTokens : IPlayerTokenVerifier
    {
        private const string Prefix = "token-of-";

        public bool TryVerify(string token, [NotNullWhen(true)] out PlayerToken? found)
        {
            found = null;
            if (!token.StartsWith(Prefix, StringComparison.Ordinal))
                return false;
            var parts = token[Prefix.Length..].Split('@');
            found = new PlayerToken(parts[0], parts.ElementAtOrDefault(1), DateTimeOffset.MaxValue);
            return true;
        }
    }
}
