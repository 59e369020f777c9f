using System.Diagnostics.Metrics;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;
using Savepoint.Storage.Memory;
using Savepoint.Streams;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;

namespace Savepoint.Client.Tests;

/// <summary>A copy that is not what the server has, since a delta was changed on its way, is noticed within 16 changes, mended, and counted (P13).</summary>
public sealed class DriftTests
{
    private const int NoticedWithin = 16;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(17)]
    public void A_watched_profile_is_mended(int corrupted) => Simulation.Run(async simulation =>
    {
        await using var server = await Server.StartAsync(simulation);
        await using var game = await server.ConnectAsync(tampers: false);
        await game.PayAsync(1);
        await using var player = await server.ConnectAsync(tampers: true);
        await using var watched = await player.Store("profile").WatchAsync("ada", TimeSpan.Zero);
        server.Corrupt(version: corrupted + 1);
        for (var version = 2; version <= corrupted + 1 + NoticedWithin; version++)
        {
            await game.PayAsync(version);
            await simulation.Delay(0.01);
        }

        (watched.ChecksumMismatches, watched.Resyncs, server.Mismatches, server.Corrupted).ShouldBe((1, 1, 1, 1));
        var truth = (await game.Store("profile").ViewAsync("ada")).ShouldNotBeNull();
        watched.Copy().ToBytes().ShouldBe(truth.Document.ToBytes());
        watched.Version.ShouldBe(truth.Version);
    });

    [Fact]
    public void The_copy_of_a_session_is_mended_with_what_is_unsaved_on_top() => Simulation.Run(async simulation =>
    {
        await using var server = await Server.StartAsync(simulation);
        await using var other = await server.ConnectAsync(tampers: false);
        await using var holder = await server.ConnectAsync(tampers: true);
        var profile = await holder.OpenAsync();
        server.Corrupt(version: 3);
        for (var i = 0; i < NoticedWithin + 2; i++)
        {
            await other.PayAsync(1);
            await simulation.Delay(0.01);
        }

        profile.Data.AddGold(1_000);
        await profile.SaveAsync();
        (profile.ChecksumMismatches, server.Mismatches).ShouldBe((1, 1));
        var truth = (await other.Store("profile").ViewAsync("ada")).ShouldNotBeNull();
        profile.Copy().ToBytes().ShouldBe(truth.Document.ToBytes());
    });

    [Fact]
    public void Drift_is_noticed_in_what_is_caught_up_on_after_a_reconnect_too() => Simulation.Run(async simulation =>
    {
        await using var server = await Server.StartAsync(simulation);
        await using var game = await server.ConnectAsync(tampers: false);
        await game.PayAsync(1);
        await using var player = await server.ConnectAsync(tampers: true);
        await using var watched = await player.Store("profile").WatchAsync("ada", TimeSpan.Zero);
        await using var keeper = await game.Store("profile").WatchAsync("ada", TimeSpan.Zero);
        server.Corrupt(version: 3);
        await game.PayAsync(2);
        await game.PayAsync(3);
        await simulation.Delay(0.01);
        server.Break();
        for (var version = 4; version <= NoticedWithin + 4; version++)
            await game.PayAsync(version);
        await simulation.Delay(10);
        (watched.ChecksumMismatches, server.Mismatches).ShouldBe((1, 1), "none of the changes since then came live");
        watched.Copy().ToBytes().ShouldBe((await game.Store("profile").ViewAsync("ada")).ShouldNotBeNull().Document.ToBytes());
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Deferred_properties_are_no_drift(bool ofHolder) => Simulation.Run(async simulation =>
    {
        await using var server = await Server.StartAsync(simulation);
        await using var holder = await server.ConnectAsync(tampers: false);
        await using var watching = await server.ConnectAsync(tampers: true);
        var profile = (await holder.Store("body").OpenSessionAsync("ada")).ProfileOrThrow();
        await using var watched = await watching.Store("body").WatchAsync("ada", TimeSpan.Zero);
        for (var i = 1; i <= 40; i++)
        {
            profile["mood"] = i;
            await profile.SaveAsync();
            profile["n"] = i;
            await profile.SaveAsync();
            await simulation.Delay(0.01);
        }

        if (ofHolder)
            (profile.ChecksumMismatches, profile.Version).ShouldBe((0, 41L));
        else
            (watched.ChecksumMismatches, watched.Resyncs, watched.Version).ShouldBe((0, 0, 41L));
        server.Mismatches.ShouldBe(0);
        var truth = (await watching.Store("body").ViewAsync("ada")).ShouldNotBeNull().Document.ToBytes();
        profile.CopySaved().ToBytes().ShouldBe(truth);
        watched.Copy().ToBytes().ShouldBe(truth);
    });

    [Fact]
    public void The_holder_sees_each_change_of_a_Deferred_property_once() => Simulation.Run(async simulation =>
    {
        await using var server = await Server.StartAsync(simulation);
        await using var holder = await server.ConnectAsync(tampers: false);
        var profile = (await holder.Store("body").OpenSessionAsync("ada")).ProfileOrThrow();
        var seen = new List<(long Mood, long N)>();
        profile.Changed += _ => seen.Add((NumberIn(profile, "mood"), NumberIn(profile, "n")));
        profile.Increment("mood", 1);
        await profile.SaveAsync();
        await simulation.Delay(0.01);
        NumberIn(profile, "mood").ShouldBe(1, "what was saved stays");
        profile.Change(() =>
        {
            profile.Increment("mood", 1);
            profile["place"] = 7;
            profile.Increment("n", 1);
        });
        await profile.SaveAsync();
        await simulation.Delay(0.01);
        profile.Increment("mood", 1);
        profile.Increment("n", 1);
        await profile.SaveAsync();
        profile.Increment("mood", 1);
        await profile.SaveAsync();
        await simulation.Delay(60);
        (NumberIn(profile, "mood"), NumberIn(profile, "place"), NumberIn(profile, "n")).ShouldBe((4, 7, 2));
        seen.ShouldBe([.. seen.OrderBy(state => state.Mood).ThenBy(state => state.N)], "none is taken back, or shown twice");
        seen[^1].ShouldBe((4, 2));
    });

    [Fact]
    public void Transient_properties_are_no_drift_for_who_sees_a_part() => Simulation.Run(async simulation =>
    {
        await using var server = await Server.StartAsync(simulation);
        await using var holder = await server.ConnectAsync(tampers: false);
        await using var watching = await server.ConnectAsync(tampers: true);
        var profile = (await holder.Store("hall").OpenSessionAsync("ada")).ProfileOrThrow();
        await using var watched = await watching.Store("hall").WatchAsync("ada", TimeSpan.Zero);
        for (var i = 1; i <= 40; i++)
        {
            profile["place"] = i;
            await profile.SaveAsync();
            profile["n"] = i;
            await profile.SaveAsync();
            await simulation.Delay(0.01);
        }

        (watched.Version, watched.ChecksumMismatches, server.Mismatches).ShouldBe((41L, 0, 0));
    });

    [Fact]
    public void What_the_holder_may_write_and_not_read_is_no_drift() => Simulation.Run(async simulation =>
    {
        await using var server = await Server.StartAsync(simulation);
        await using var holder = await server.ConnectAsync(tampers: false);
        var profile = (await holder.Store("hall").OpenSessionAsync("ada")).ProfileOrThrow();
        for (var i = 1; i <= 40; i++)
        {
            profile["secret"] = i;
            await profile.SaveAsync();
            await simulation.Delay(0.01);
        }

        (profile.Version, profile.ChecksumMismatches, server.Mismatches).ShouldBe((41L, 0, 0));
    });

    private static long NumberIn(Profile profile, string path) => profile.TryGet(path, out var value) ? value.AsInt64() : 0;

    private sealed class Server : IAsyncDisposable
    {
        private static readonly KindRegistry Kinds = new(
        [
            new Kind { Name = "profile" },
            new Kind
            {
                Name = "body",
                Durability = new Dictionary<string, PropertyDurability> { ["mood"] = PropertyDurability.Deferred, ["place"] = PropertyDurability.Transient },
            },
            new Kind
            {
                Name = "hall",
                Durability = new Dictionary<string, PropertyDurability> { ["place"] = PropertyDurability.Transient },
                Access = new KindAccess { Paths = [new PathRule("secret") { Readers = AccessRoles.Player }] },
            },
        ]);

        private readonly Simulation _simulation;
        private readonly StateEngine _engine;
        private readonly StreamServer _streams;
        private readonly StreamMetrics _metrics = new();
        private readonly MeterListener _listener = new();
        private readonly List<InProcessDuplex> _tampered = [];
        private ulong _corrupt;

        private Server(Simulation simulation)
        {
            _simulation = simulation;
            var random = new Random(2);
            _engine = new StateEngine(new MemoryStore(new MemoryDatabase()), Kinds, new EngineOptions { ShardCount = 4 }, simulation.Time, new Random(1));
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                // Other tests have theirs at the same time.
                if (ReferenceEquals(instrument.Meter, _metrics.Meter) && instrument.Name == "savepoint.streams.checksum_mismatches")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Mismatches += (int)count);
            _listener.Start();
            _streams = new StreamServer(
                _engine,
                Kinds,
                new CredentialVerifier(AccessKeys.OfGameServers("a-secret-for-tests-only"), new NoTokens()),
                new KindAuthorizer(Kinds),
                new WriterIds(new byte[32], bytes => random.NextBytes(bytes)),
                new StreamOptions(),
                simulation.Time,
                _metrics,
                NullLogger<StreamServer>.Instance);
        }

        public int Mismatches { get; private set; }

        public int Corrupted { get; private set; }

        public static async Task<Server> StartAsync(Simulation simulation)
        {
            var server = new Server(simulation);
            await server._engine.StartAsync(default);
            return server;
        }

        public Task<SavepointClient> ConnectAsync(bool tampers) => SavepointClient.ConnectAsync(new SavepointClientOptions
        {
            Connect = _ => Task.FromResult<IFrameDuplex>(Connect(tampers)),
            Credentials = new GameServerCredentials(tampers ? "server-1" : "server-2", "a-secret-for-tests-only"),
            TimeProvider = _simulation.Time,
            Random = new Random(1),
            SynchronizationContext = _simulation.Scheduler,
        });

        /// <summary>Changes the delta of a version on its way to the clients whose network tampers.</summary>
        public void Corrupt(int version) => _corrupt = (ulong)version;

        public void Break() => _tampered.ForEach(duplex => duplex.Break());

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _engine.StopAsync(default);
            await _engine.DisposeAsync();
            _metrics.Dispose();
        }

        private IFrameDuplex Connect(bool tampers)
        {
            var (client, server) = InProcessDuplex.CreatePair();
            _ = _streams.RunAsync(server, default);
            if (!tampers)
                return client;
            _tampered.Add(client);
            return new Tampering(client, Tamper);
        }

        private ReadOnlyMemory<byte> Tamper(ReadOnlyMemory<byte> bytes)
        {
            var frame = ServerFrame.Parser.ParseFrom(bytes.Span);
            foreach (var change in frame.Messages.Select(message => message.Change).Where(change => change?.Version == _corrupt && _corrupt > 0))
            {
                var other = new DeltaWriter();
                other.Increment("gold", 666L);
                change.Delta = ByteString.CopyFrom(other.WrittenSpan);
                Corrupted++;
            }

            return frame.ToByteArray();
        }
    }

    private sealed class Tampering(IFrameDuplex inner, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> tamper) : IFrameDuplex
    {
        public ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken) => inner.SendAsync(frame, cancellationToken);

        public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken) =>
            await inner.ReceiveAsync(cancellationToken) is { } frame ? tamper(frame) : null;

        public ValueTask CloseAsync(string reason, CancellationToken cancellationToken) => inner.CloseAsync(reason, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
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

internal static class DriftRequests
{
    public static Task PayAsync(this SavepointClient client, long amount) =>
        client.TransactAsync(t => t.Change("profile", "ada", d => d.Increment("gold", amount)));
}
