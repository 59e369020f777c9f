namespace Savepoint.Testing.Tests;

public sealed class ProcessTests
{
    private readonly SimulatedWorld _world = SimulatedWorld.Create(1);

    [Fact]
    public void A_crash_ends_a_process_at_its_await()
    {
        var process = _world.NewProcess("p");
        var steps = 0;
        process.Start(() => TickAsync(process, () => steps++));
        _world.Scheduler!.Advance(TimeSpan.FromSeconds(3.5));
        process.Crash();
        _world.Scheduler.Advance(TimeSpan.FromSeconds(10));
        steps.ShouldBe(3);
        _world.Scheduler.Time.NextTimer.ShouldBeNull();
    }

    [Fact]
    public void A_process_dies_before_the_step_that_was_asked_for()
    {
        var process = _world.NewProcess("p", isOrdered: true);
        var steps = 0;
        for (var i = 0; i < 10; i++)
            process.Post(() => steps++);
        process.CrashAfter(4);
        _world.Scheduler!.RunReady();
        (steps, process.IsAlive).ShouldBe((4, false));
    }

    [Fact]
    public void The_world_learns_of_a_death_once()
    {
        var process = _world.NewProcess("p");
        var deaths = 0;
        process.OnDeath(() => deaths++);
        process.Crash();
        process.Crash();
        deaths.ShouldBe(1);
        process.OnDeath(() => deaths++);
        deaths.ShouldBe(2);
    }

    [Fact]
    public void A_pause_holds_steps_and_timers_until_it_ends()
    {
        var process = _world.NewProcess("p");
        var steps = 0;
        process.Start(() => TickAsync(process, () => steps++));
        _world.Scheduler!.Advance(TimeSpan.FromSeconds(2.5));
        process.Pause();
        process.Post(() => steps += 100);
        _world.Scheduler.Advance(TimeSpan.FromSeconds(60));
        steps.ShouldBe(2);
        process.Resume();
        _world.Scheduler.RunReady();
        steps.ShouldBe(103);
    }

    [Fact]
    public void A_crash_while_it_stands_still_is_the_end()
    {
        var process = _world.NewProcess("p");
        process.Pause();
        process.Post(() => throw new InvalidOperationException("It runs."));
        _world.Scheduler!.RunReady();
        process.Crash();
        process.Resume();
        _world.Scheduler.RunReady();
    }

    [Fact]
    public void What_a_process_throws_fails_the_simulation()
    {
        var process = _world.NewProcess("p");
        process.Start(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), process.Time);
            throw new InvalidTimeZoneException("It failed.");
        });
        Should.Throw<InvalidTimeZoneException>(() => _world.Scheduler!.Advance(TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void A_clock_drifts_and_its_timers_with_it()
    {
        var process = _world.NewProcess("p", new ClockError(1.5, TimeSpan.FromMinutes(1)));
        var start = _world.Time.GetUtcNow();
        process.Time.GetUtcNow().ShouldBe(start + TimeSpan.FromMinutes(1));
        var fired = TimeSpan.Zero;
        process.Start(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(15), process.Time);
            fired = _world.Scheduler!.Time.Elapsed;
        });
        _world.Scheduler!.Advance(TimeSpan.FromSeconds(20));
        fired.ShouldBe(TimeSpan.FromSeconds(10));
        process.Time.GetElapsedTime(0).ShouldBe(TimeSpan.FromSeconds(30));
        process.Time.GetUtcNow().ShouldBe(start + TimeSpan.FromSeconds(90));
    }

    [Fact]
    public void A_step_of_the_clock_moves_the_time_of_day_only()
    {
        var process = _world.NewProcess("p");
        var (day, span) = (process.Time.GetUtcNow(), process.Time.GetTimestamp());
        process.Time.Step(TimeSpan.FromSeconds(-5));
        (process.Time.GetUtcNow(), process.Time.GetTimestamp()).ShouldBe((day - TimeSpan.FromSeconds(5), span));
    }

    private static async Task TickAsync(SimulatedProcess process, Action tick)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), process.Time);
            SynchronizationContext.Current.ShouldBeSameAs(process);
            tick();
        }
    }
}
