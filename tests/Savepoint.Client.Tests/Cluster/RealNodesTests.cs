using Microsoft.Extensions.Logging.Abstractions;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Protocol.Duplex;
using Savepoint.Storage.Memory;
using Savepoint.Streams;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.ShardMaps;

namespace Savepoint.Client.Tests;

/// <summary>The same with real stream servers: two nodes over one engine, so that either takes any request.</summary>
public sealed class RealNodesTests
{
    [Fact]
    public void A_session_outlives_the_node_that_it_was_opened_at() => Simulation.Run(async simulation =>
    {
        await using var nodes = await RealNodes.StartAsync(simulation);
        await using var client = await nodes.ConnectAsync();
        await simulation.Delay(0.1);
        var id = FakeCluster.IdIn(1);
        var profile = await client.OpenAsync(id);
        var ended = 0;
        profile.SessionEnded += _ => ended++;
        nodes.Servers[1].Sessions.ShouldBe(1);
        profile.Data.AddGold(5);
        var saving = profile.SaveAsync();
        var before = simulation.Time.Elapsed;
        await nodes.Servers[1].DrainAsync(default);
        (simulation.Time.Elapsed - before).ShouldBeLessThan(TimeSpan.FromSeconds(1), "it need not wait for the sessions to end");
        await saving;
        await client.TransactAsync(t => t.Change("profile", id, d => d.Increment("gold", 10)));
        await simulation.Delay(0.1);
        (profile.Data.Gold, profile.IsActive, ended).ShouldBe((15L, true, 0));
        nodes.Servers[0].Sessions.ShouldBe(1);
        profile.Data.AddGold(1);
        await profile.EndSessionAsync();
        (await client.Store<PlayerProfile>("profile").ViewAsync(id)).ShouldNotBeNull().Data.Gold.ShouldBe(16);
        profile.ChecksumMismatches.ShouldBe(0);
    });

    [Fact]
    public void Changes_follow_their_shard_from_node_to_node() => Simulation.Run(async simulation =>
    {
        await using var nodes = await RealNodes.StartAsync(simulation);
        await using var client = await nodes.ConnectAsync();
        await client.Pay(1);
        await using var watched = await client.Store("profile").WatchAsync(FakeCluster.IdIn(1), TimeSpan.Zero);
        var paying = new List<Task>();
        for (var i = 1; i < 200; i++)
        {
            paying.Add(client.Pay(1));
            if (i % 10 == 0)
                nodes.Own(owner: i / 10 % 2);
            if (i % 7 == 0)
                await simulation.Delay(0.001);
        }
        await Task.WhenAll(paying);
        await simulation.Delay(0.1);
        watched["gold"].ShouldBe(200);
        (watched.Version, watched.Resyncs).ShouldBe((200L, 0));
    });

    [Theory]
    [InlineData(SessionConflict.Wait)]
    [InlineData(SessionConflict.Fail)]
    [InlineData(SessionConflict.Steal)]
    public void A_session_that_was_granted_while_its_node_gave_up_waiting_for_it_is_the_clients(SessionConflict conflict) => Simulation.Run(async simulation =>
    {
        await using var nodes = await RealNodes.StartAsync(simulation);
        await using var client = await nodes.ConnectAsync();
        await simulation.Delay(0.1);
        var id = FakeCluster.IdIn(1);
        var storing = nodes.Faults.StallNext(StoreOperation.Append);
        var before = simulation.Time.Elapsed;
        var opening = client.Store<PlayerProfile>("profile").OpenSessionAsync(id, new SessionOptions { Conflict = conflict });
        await simulation.Delay(0.1);
        var draining = nodes.Servers[1].DrainAsync(default);
        await simulation.Delay(0.1);
        storing.Release();
        var profile = (await opening).ProfileOrThrow();
        (simulation.Time.Elapsed - before).ShouldBeLessThan(TimeSpan.FromSeconds(1), "nobody has to wait for a lease");
        profile.Data.AddGold(5);
        await profile.SaveAsync();
        await draining;
        (await client.Store("profile").ViewAsync(id)).ShouldNotBeNull()["gold"].ShouldBe(5);
        nodes.Servers[0].Sessions.ShouldBe(1);
    });

    private sealed class RealNodes : IAsyncDisposable
    {
        private static readonly KindRegistry Kinds = new([new Kind { Name = "profile" }]);

        private readonly Simulation _simulation;
        private readonly StateEngine _engine;
        private readonly StreamMetrics _metrics = new();
        private readonly Source[] _sources;

        private RealNodes(Simulation simulation)
        {
            _simulation = simulation;
            _engine = new StateEngine(
                new FaultyStore(new MemoryStore(new MemoryDatabase()), Faults), Kinds, new EngineOptions { ShardCount = FakeCluster.Shards }, simulation.Time, new Random(1));
            _sources = [new Source(0), new Source(1)];
            Servers = [.. _sources.Select(Server)];
        }

        public StoreFaults Faults { get; } = new();

        public StreamServer[] Servers { get; }

        public static async Task<RealNodes> StartAsync(Simulation simulation)
        {
            var nodes = new RealNodes(simulation);
            await nodes._engine.StartAsync(default);
            return nodes;
        }

        public Task<SavepointClient> ConnectAsync() => SavepointClient.ConnectAsync(new SavepointClientOptions
        {
            Endpoint = FakeCluster.Endpoint(0),
            ConnectTo = (address, _) => Task.FromResult<IFrameDuplex>(Connect(address)),
            Credentials = new GameServerCredentials("server-1", "a-secret-for-tests-only"),
            TimeProvider = _simulation.Time,
            Random = new Random(1),
            SynchronizationContext = _simulation.Scheduler,
        });

        /// <summary>Gives all shards to one node.</summary>
        public void Own(int owner)
        {
            foreach (var source in _sources)
                source.Own(owner);
        }

        public async ValueTask DisposeAsync()
        {
            await _engine.StopAsync(default);
            await _engine.DisposeAsync();
            _metrics.Dispose();
        }

        private StreamServer Server(Source source)
        {
            var random = new Random(2);
            return new StreamServer(
                _engine,
                Kinds,
                new CredentialVerifier(AccessKeys.OfGameServers("a-secret-for-tests-only"), new NoTokens()),
                new KindAuthorizer(Kinds),
                new WriterIds(new byte[32], bytes => random.NextBytes(bytes)),
                new StreamOptions(),
                _simulation.Time,
                _metrics,
                NullLogger<StreamServer>.Instance,
                source);
        }

        private InProcessDuplex Connect(Uri address)
        {
            var (client, server) = InProcessDuplex.CreatePair();
            _ = Servers[address.Host == "node-0" ? 0 : 1].RunAsync(server, default);
            return client;
        }
    }

    private sealed class Source(int self) : IShardMapSource
    {
        private static readonly ShardMapNode[] Nodes =
            [new(Id(0), "node-0", new Uri("http://node-0")), new(Id(1), "node-1", new Uri("http://node-1"))];

        private Action _changed = () => { };

        public Guid Self => Id(self);

        public ShardMapSnapshot Current { get; private set; } =
            new(1, Nodes, [.. Enumerable.Range(0, FakeCluster.Shards).Select(shard => new ShardMapOwner(Id(shard % 2), 1))]);

        public void Subscribe(Action changed) => _changed += changed;

        public void Own(int owner)
        {
            var version = Current.Version + 1;
            Current = new ShardMapSnapshot(version, Nodes, [.. Enumerable.Repeat(new ShardMapOwner(Id(owner), version), FakeCluster.Shards)]);
            _changed();
        }

        private static Guid Id(int node) => new(node + 1, 0, 0, new byte[8]);
    }

    private sealed class NoTokens : IPlayerTokenVerifier
    {
        public bool TryVerify(string token, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Savepoint.Streams.Authentication.PlayerToken? found)
        {
            found = null;
            return false;
        }
    }
}
