namespace Savepoint.Engine.Tests;

public sealed class VirtualTimeTests
{
    [Fact]
    public void Timers_fire_in_the_order_of_their_due_times_and_equal_ones_in_the_order_they_were_set()
    {
        var time = new VirtualTime();
        var fired = new List<string>();
        time.CreateTimer(_ => fired.Add($"b at {time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        time.CreateTimer(_ => fired.Add($"a at {time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        time.CreateTimer(_ => fired.Add($"c at {time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);

        time.Advance(TimeSpan.FromSeconds(1.5));
        fired.ShouldBe(["a at 1"]);
        time.Advance(TimeSpan.FromSeconds(1.5));
        fired.ShouldBe(["a at 1", "b at 2", "c at 2"]);
        time.Elapsed.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_periodic_timer_fires_until_it_is_disposed_and_a_changed_one_at_its_new_time()
    {
        var time = new VirtualTime();
        var (periodic, moved) = (0, 0);
        var every = time.CreateTimer(_ => periodic++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var once = time.CreateTimer(_ => moved++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        once.Change(TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan);

        time.Advance(TimeSpan.FromSeconds(5));
        (periodic, moved).ShouldBe((5, 0));
        every.Dispose();
        time.Advance(TimeSpan.FromSeconds(5));
        (periodic, moved).ShouldBe((5, 1));
    }

    [Fact]
    public void The_scheduler_moves_the_clock_only_when_nothing_is_ready()
    {
        var scheduler = new VirtualScheduler();
        var log = new List<string>();
        scheduler.Run(async () =>
        {
            var late = WaitAsync("late", 3600);
            var soon = WaitAsync("soon", 1);
            await Task.Yield();
            log.Add($"ready at {scheduler.Time.Elapsed.TotalSeconds}");
            await Task.WhenAll(late, soon);
        });
        log.ShouldBe(["ready at 0", "soon at 1", "late at 3600"]);

        async Task WaitAsync(string name, double seconds)
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), scheduler.Time);
            log.Add($"{name} at {scheduler.Time.Elapsed.TotalSeconds}");
        }
    }

    [Fact]
    public void Waiting_for_what_never_happens_is_an_error_and_not_a_hang()
    {
        var never = new TaskCompletionSource();
        Should.Throw<InvalidOperationException>(() => new VirtualScheduler().Run(() => never.Task));

        var scheduler = new VirtualScheduler();
        using var timer = scheduler.Time.CreateTimer(_ => { }, null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Should.Throw<TimeoutException>(() => scheduler.Run(() => never.Task, TimeSpan.FromMinutes(1)));
    }
}
