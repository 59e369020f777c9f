namespace Savepoint.Testing.Tests;

public sealed class FaultTests
{
    [Fact]
    public void A_break_fails_both_ends_each_at_its_own_time_and_a_part_may_arrive()
    {
        var arrived = new HashSet<int>();
        var apart = 0;
        for (var seed = 0; seed < 50; seed++)
        {
            var bench = new NetworkBench(seed);
            var duplex = bench.Connect();
            bench.Send(bench.Client, duplex, 1, 100);
            bench.Advance(0.05);
            bench.Network.Break(duplex);
            bench.Advance(1);
            bench.Events("1").Last().ShouldBe("broken");
            bench.Events("client").ShouldBe(["broken"]);
            bench.Events("send").ShouldBe(["failed"]);
            arrived.Add(bench.Events("1").Count() - 1);
            apart += bench.Trace.Count(line => line.EndsWith("broken")) == 2 && Time(bench, "1") != Time(bench, "client") ? 1 : 0;
            bench.Network.Connections.ShouldBe(0);
        }

        arrived.Count.ShouldBeGreaterThan(2);
        apart.ShouldBeGreaterThan(40);

        static string Time(NetworkBench bench, string of) => bench.Trace.Last(line => line.Contains($" {of}: "))[..9];
    }

    [Fact]
    public void A_half_open_connection_tells_nobody()
    {
        var bench = new NetworkBench();
        var duplex = bench.Connect();
        bench.Network.Blackhole(duplex, LostDirection.ToServer);
        bench.Send(bench.Client, duplex, 1, 50);
        bench.Send(bench.Server, bench.Accepted[0], 1, 3);
        bench.Advance(3600);
        bench.Events("1").ShouldBeEmpty();
        bench.Events("client").ShouldBe(["1", "2", "3"]);
        bench.Network.Faults.ShouldBe(new Dictionary<string, int> { ["blackhole"] = 1 });
    }

    [Fact]
    public void With_a_keep_alive_a_server_drops_a_client_that_is_silent_or_dead()
    {
        var bench = new NetworkBench(weather: new NetworkWeather { KeepAliveTimeout = TimeSpan.FromSeconds(20), DeathToldShare = 0, DeathOnSendShare = 0 });
        bench.Network.Blackhole(bench.Connect(), LostDirection.ToClient);
        bench.Connect();
        bench.Client.Crash();
        bench.Advance(19);
        (bench.Events("1").Count(), bench.Events("2").Count()).ShouldBe((0, 0));
        bench.Advance(2);
        bench.Events("1").ShouldBe(["broken"]);
        bench.Events("2").ShouldBe(["broken"]);
    }

    [Fact]
    public void Frames_wait_for_the_end_of_a_partition()
    {
        var bench = new NetworkBench(weather: new NetworkWeather { PartitionBreakShare = 0 });
        var duplex = bench.Connect();
        bench.Network.Partition(bench.Client, bench.Server, TimeSpan.FromSeconds(10));
        bench.Send(bench.Client, duplex, 1, 3);
        bench.Advance(9);
        bench.Events("1").ShouldBeEmpty();
        bench.Advance(2);
        bench.Events("1").ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public void A_partition_of_others_does_not_matter()
    {
        var bench = new NetworkBench();
        var duplex = bench.Connect();
        bench.Network.Partition(bench.World.NewProcess("a"), TimeSpan.FromSeconds(10));
        bench.Network.Partition(bench.World.NewProcess("b"), bench.Server, TimeSpan.FromSeconds(10));
        bench.Send(bench.Client, duplex, 1, 3);
        bench.Advance(1);
        bench.Events("1").ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public void A_partition_breaks_some_connections()
    {
        var bench = new NetworkBench(weather: new NetworkWeather { PartitionBreakShare = 1 });
        bench.Connect();
        bench.Network.Partition(bench.Client, TimeSpan.FromSeconds(10));
        bench.Advance(20);
        bench.Events("1").ShouldBe(["broken"]);
        bench.Events("client").ShouldBe(["broken"]);
    }

    [Fact]
    public void Of_a_death_the_other_side_learns_soon()
    {
        var bench = new NetworkBench(weather: new NetworkWeather { DeathToldShare = 1 });
        bench.Connect();
        bench.Server.Crash();
        bench.Advance(1);
        bench.Events("client").ShouldBe(["broken"]);
        bench.Network.Connections.ShouldBe(0);
    }

    [Fact]
    public void Or_only_when_it_sends()
    {
        var bench = new NetworkBench(weather: new NetworkWeather { DeathToldShare = 0, DeathOnSendShare = 1 });
        var duplex = bench.Connect();
        bench.Server.Crash();
        bench.Advance(3600);
        bench.Events("client").ShouldBeEmpty();
        bench.Send(bench.Client, duplex, 1, 1);
        bench.Advance(1);
        bench.Events("client").ShouldBe(["broken"]);
    }

    [Fact]
    public void Or_never()
    {
        var bench = new NetworkBench(weather: new NetworkWeather { DeathToldShare = 0, DeathOnSendShare = 0 });
        var duplex = bench.Connect();
        bench.Server.Crash();
        bench.Send(bench.Client, duplex, 1, 10);
        bench.Advance(3600);
        bench.Events("client").ShouldBeEmpty();
    }

    [Fact]
    public void A_drop_without_a_close_fails_the_other_side()
    {
        var bench = new NetworkBench();
        var duplex = bench.Connect();
        bench.Client.Start(() => duplex.DisposeAsync().AsTask());
        bench.Advance(1);
        bench.Events("client").ShouldBe(["broken"]);
        bench.Events("1").ShouldBe(["broken"]);
    }

    [Fact]
    public void A_paused_process_keeps_its_connections()
    {
        var bench = new NetworkBench();
        var duplex = bench.Connect();
        bench.Server.Pause();
        bench.Send(bench.Client, duplex, 1, 3);
        bench.Advance(3600);
        bench.Events("1").ShouldBeEmpty();
        bench.Server.Resume();
        bench.Advance(1);
        bench.Events("1").ShouldBe(["1", "2", "3"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_can_not_be_reached_refuses_or_keeps_silent(bool isCut)
    {
        var (refused, hung) = (0, 0);
        for (var seed = 0; seed < 40; seed++)
        {
            var bench = new NetworkBench(seed);
            if (isCut)
                bench.Network.Partition(bench.Server, TimeSpan.FromHours(1));
            else
                bench.Server.Crash();
            bench.Client.Start(async () =>
            {
                using var late = new CancellationTokenSource(TimeSpan.FromSeconds(5), bench.Client.Time);
                try
                {
                    await bench.Network.ConnectAsync(bench.Client, bench.Listener, late.Token);
                }
                catch (IOException)
                {
                    refused++;
                }
                catch (OperationCanceledException)
                {
                    hung++;
                }
            });
            bench.Advance(10);
        }

        (refused + hung).ShouldBe(40);
        refused.ShouldBeInRange(5, 35);
    }

    [Fact]
    public void An_attempt_that_was_given_up_leaves_no_connection()
    {
        var bench = new NetworkBench(weather: new NetworkWeather { MinLatency = TimeSpan.FromMilliseconds(2), MaxLatency = TimeSpan.FromMilliseconds(3) });
        var isGivenUp = false;
        bench.Client.Start(async () =>
        {
            using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(3), bench.Client.Time);
            try
            {
                await bench.Network.ConnectAsync(bench.Client, bench.Listener, late.Token);
            }
            catch (OperationCanceledException)
            {
                isGivenUp = true;
            }
        });
        bench.Advance(1);
        isGivenUp.ShouldBeTrue();
        bench.Accepted.Count.ShouldBe(1);
        bench.Network.Connections.ShouldBe(0);
    }
}
