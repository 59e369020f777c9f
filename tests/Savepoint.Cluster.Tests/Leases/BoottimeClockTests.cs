using System.Globalization;

namespace Savepoint.Cluster.Tests;

public sealed class BoottimeClockTests
{
    [Fact]
    public void Its_timestamps_are_the_time_since_the_machine_was_started_suspends_included()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux says how long it has been up.");
        var clock = new BoottimeClock();
        clock.CountsSuspend.ShouldBeTrue();

        // The kernel takes this number, which counts suspends, from the same clock, to a hundredth of a second.
        var before = Up();
        var now = clock.GetTimestamp() / (double)clock.TimestampFrequency;
        now.ShouldBeInRange(before, Up() + 0.01);

        static double Up() => double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Its_timers_fire_and_time_goes_forward()
    {
        var clock = new BoottimeClock();
        var began = clock.GetTimestamp();

        await Task.Delay(TimeSpan.FromMilliseconds(1), clock, TestContext.Current.CancellationToken);

        clock.GetElapsedTime(began).ShouldBeGreaterThan(TimeSpan.Zero);
        (clock.GetUtcNow() - DateTimeOffset.UtcNow).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
    }
}
