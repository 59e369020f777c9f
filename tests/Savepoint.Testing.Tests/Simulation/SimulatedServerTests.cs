using Savepoint.Client;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Storage.Memory;
using Savepoint.Streams;

namespace Savepoint.Testing.Tests;

public sealed class SimulatedServerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void One_run_is_as_the_other(int seed)
    {
        var first = new List<string>();
        var second = new List<string>();
        var steps = Play(seed, first);
        Play(seed, second).ShouldBe(steps);
        first.Count.ShouldBeGreaterThan(25);
        second.ShouldBe(first);
    }

    [Fact]
    public void Nothing_is_lost_whatever_breaks()
    {
        for (var seed = 100; seed < 140; seed++)
        {
            var trace = new List<string>();
            Play(seed, trace);
            trace.ShouldContain(line => line.EndsWith("gold 160"), $"seed {seed}");
        }
    }

    /// <summary>A game server earns and saves 60 times while connections break and the server crashes and comes back.</summary>
    private static long Play(int seed, List<string> trace)
    {
        var world = SimulatedWorld.Create(seed);
        var network = new SimulatedNetwork(world) { Weather = new NetworkWeather { StallShare = 0.01, BreakShare = 0.005 } };
        var database = new MemoryDatabase();
        var faults = world.NewRandom();
        var server = Start();
        var game = world.NewProcess("game", isOrdered: true);
        Task? playing = null;
        game.Start(() => playing = PlayAsync());
        world.Scheduler!.Run(async () =>
        {
            for (var i = 0; i < 4; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(faults.Next(1, 20)), world.Time);
                network.BreakSome(0.5);
                await Task.Delay(TimeSpan.FromSeconds(faults.Next(1, 20)), world.Time);
                server.Process.Crash();
                await Task.Delay(TimeSpan.FromSeconds(faults.Next(1, 5)), world.Time);
                server = Start();
            }
        });
        world.Scheduler.RunUntil(playing!, TimeSpan.FromHours(1));
        server.Process.Crash();
        return world.Scheduler.Steps;

        SimulatedListener Start()
        {
            var process = world.NewProcess("server");
            var made = new SimulatedServer(
                process, network, new MemoryStore(database), new KindRegistry([new Kind { Name = "profile" }]), new EngineOptions { ShardCount = 2 }, new StreamOptions(), world.NewRandom());
            process.Start(() => made.StartAsync());
            return made.Listener;
        }

        async Task PlayAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(1), game.Time);
            await using var client = await ConnectAsync();
            client.ConnectionChanged += change => Say($"connected {change.IsConnected}");
            var profile = (await client.Store<Player>("profile").OpenSessionAsync("ada")).ProfileOrThrow();
            profile.Saved += version => Say($"saved {version}");
            for (var i = 0; i < 60; i++)
            {
                profile.Data.Gold += 1;
                await Task.Delay(TimeSpan.FromMilliseconds(faults.Next(100, 2000)), game.Time);
            }

            await profile.EndSessionAsync();
            var view = await client.Store<Player>("profile").ViewAsync("ada");
            Say($"version {view!.Version}, gold {view.Data.Gold}");
        }

        async Task<SavepointClient> ConnectAsync()
        {
            while (true)
            {
                try
                {
                    return await SimulatedClient.ConnectAsync(game, network, () => server, SimulatedClient.GameServer("game"), world.NewRandom());
                }
                catch (SavepointException failure)
                {
                    Say(failure.Code);
                }
            }
        }

        void Say(string what) => trace.Add($"{world.Time.GetUtcNow():HH:mm:ss.ffffff} {what}");
    }
}
