namespace Savepoint.Testing.Tests;

public sealed class DeliveryTests
{
    private static readonly IEnumerable<string> OneToHundred = Enumerable.Range(1, 100).Select(i => $"{i}");

    [Fact]
    public void Frames_of_a_connection_arrive_in_order_and_the_end_behind_them()
    {
        var bench = new NetworkBench();
        var duplex = bench.Connect();
        bench.Send(bench.Client, duplex, 1, 100);
        bench.Advance(0.2);
        bench.Client.Start(() => duplex.CloseAsync("done", CancellationToken.None).AsTask());
        bench.Advance(1);
        bench.Events("1").ShouldBe([.. OneToHundred, "end"]);
    }

    [Fact]
    public void Connections_overtake_each_other()
    {
        var bench = new NetworkBench();
        var (one, two) = (bench.Connect("a"), bench.Connect("b"));
        bench.Send(bench.Client, one, 1, 100);
        bench.Send(bench.Client, two, 1, 100);
        bench.Advance(1);
        (bench.Events("1").Count(), bench.Events("2").Count()).ShouldBe((100, 100));
        var leads = bench.Trace.Select(line => line.Contains(" 1: ")).ToList();
        leads.Zip(leads.Skip(1)).Count(pair => pair.First != pair.Second).ShouldBeGreaterThan(10);
    }

    [Fact]
    public void A_closed_direction_leaves_the_other_open()
    {
        var bench = new NetworkBench();
        var duplex = bench.Connect();
        bench.Client.Start(() => duplex.CloseAsync("done", CancellationToken.None).AsTask());
        bench.Advance(0.1);
        bench.Send(bench.Server, bench.Accepted[0], 1, 3);
        bench.Advance(0.1);
        bench.Events("client").ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public void A_sender_waits_while_nobody_reads()
    {
        var bench = new NetworkBench(weather: new NetworkWeather { MaxBytesInFlight = 10 }) { Reads = false };
        var duplex = bench.Connect();
        var sent = 0;
        bench.Client.Start(async () =>
        {
            for (; sent < 100; sent++)
                await duplex.SendAsync(new byte[3], CancellationToken.None);
        });
        bench.Advance(10);
        sent.ShouldBe(3);

        bench.Server.Start(async () =>
        {
            while (true)
                await bench.Accepted[0].ReceiveAsync(CancellationToken.None);
        });
        bench.Advance(10);
        sent.ShouldBe(100);
    }

    [Fact]
    public void A_wait_ends_when_it_is_cancelled()
    {
        var bench = new NetworkBench(weather: new NetworkWeather { MaxBytesInFlight = 10 }) { Reads = false };
        var duplex = bench.Connect();
        var cancelled = new List<SynchronizationContext?>();
        bench.Client.Start(async () =>
        {
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(1), bench.Client.Time);
            await duplex.SendAsync(new byte[10], CancellationToken.None);
            await CancelledAsync(() => duplex.SendAsync(new byte[10], late.Token).AsTask());
        });
        bench.Server.Start(async () =>
        {
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(1), bench.Server.Time);
            await CancelledAsync(() => bench.Accepted[0].ReceiveAsync(late.Token).AsTask());
        });
        bench.Network.Blackhole(duplex);
        bench.Advance(5);
        cancelled.ShouldBe([bench.Client, bench.Server], ignoreOrder: true);

        async Task CancelledAsync(Func<Task> wait)
        {
            try
            {
                await wait();
            }
            catch (OperationCanceledException)
            {
                cancelled.Add(SynchronizationContext.Current);
            }
        }
    }

    [Fact]
    public void The_sender_may_use_its_memory_again()
    {
        // Send() of the bench sends one array over and over.
        var bench = new NetworkBench(weather: new NetworkWeather { MinLatency = TimeSpan.FromSeconds(1), MaxLatency = TimeSpan.FromSeconds(2) });
        IFrameDuplex? duplex = null;
        bench.Client.Start(async () => duplex = await bench.Network.ConnectAsync(bench.Client, bench.Listener, CancellationToken.None));
        bench.Advance(5);
        bench.Send(bench.Client, duplex!, 1, 100);
        bench.Advance(10);
        bench.Events("1").ShouldBe(OneToHundred);
    }

    [Fact]
    public void One_seed_gives_one_trace_and_another_gives_another()
    {
        var first = Play(7);
        first.Count.ShouldBeGreaterThan(50);
        Play(7).ShouldBe(first);
        Play(8).ShouldNotBe(first);
    }

    [Fact]
    public async Task On_threads_everything_arrives_as_well()
    {
        var world = SimulatedWorld.OnThreads(1, TimeProvider.System);
        var network = new SimulatedNetwork(world) { Weather = new NetworkWeather { MaxBytesInFlight = 16 } };
        var (server, client) = (world.NewProcess("server"), world.NewProcess("client"));
        var got = new List<byte>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var listener = network.Listen(server, duplex => server.Start(async () =>
        {
            while (await duplex.ReceiveAsync(CancellationToken.None) is { } frame)
                got.Add(frame.Span[0]);
            done.SetResult();
        }));
        client.Start(async () =>
        {
            var duplex = await network.ConnectAsync(client, listener, CancellationToken.None);
            for (var i = 0; i < 100; i++)
                await duplex.SendAsync(new[] { (byte)i }, CancellationToken.None);
            await duplex.CloseAsync("", CancellationToken.None);
        });
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        got.ShouldBe(Enumerable.Range(0, 100).Select(i => (byte)i));
        world.Failure.ShouldBeNull();
    }

    private static List<string> Play(int seed)
    {
        var bench = new NetworkBench(seed, new NetworkWeather { StallShare = 0.02, BreakShare = 0.002 });
        for (var i = 0; i < 5; i++)
        {
            if (bench.Connect($"c{i}") is not { } duplex)
                continue;
            bench.Send(bench.Client, duplex, 1, 40);
            bench.Send(bench.Server, bench.Accepted[^1], 1, 40);
        }

        bench.Network.BreakSome(0.2);
        bench.Network.BlackholeSome(0.2);
        bench.Network.Partition(bench.Server, TimeSpan.FromSeconds(1));
        bench.Advance(0.5);
        bench.Server.Crash();
        bench.Advance(10);
        bench.Trace.AddRange(bench.Network.Faults.Select(fault => $"{fault}"));
        return bench.Trace;
    }
}
