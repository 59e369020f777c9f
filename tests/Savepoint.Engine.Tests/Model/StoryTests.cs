using System.Globalization;

namespace Savepoint.Engine.Tests;

/// <summary>I3, I4, I5, I7 and I8 together. SAVEPOINT_STORIES multiplies how many are told.</summary>
public sealed class CrashStoryTests
{
    [Fact]
    public void Without_any_trouble_everything_adds_up() => Stories.Tell(1, new Story.Plan([], HasFaults: false, StopsWell: false));

    [Theory]
    [MemberData(nameof(Stories.Seeds), 100, 8, MemberType = typeof(Stories))]
    public void A_crash_at_any_write_loses_nothing_and_does_nothing_twice(int seed)
    {
        var points = Stories.Tell(seed, new Story.Plan([], HasFaults: false, StopsWell: false));
        var random = new Random(seed);
        for (var i = 0; i < 4; i++)
            Stories.Tell(seed, new Story.Plan([random.Next(2 * World.Shards, points), random.Next(points), random.Next(points / 2)], HasFaults: false, StopsWell: false));
    }

    [Theory]
    [MemberData(nameof(Stories.Seeds), 0, 30, MemberType = typeof(Stories))]
    public void A_crash_at_each_single_write_of_a_recovery_loses_nothing(int point) =>
        Stories.Tell(7, new Story.Plan([60, point, point / 2], HasFaults: false, StopsWell: false));
}

/// <summary>The same with a store that fails, stalls and loses answers.</summary>
public sealed class FaultStoryTests
{
    [Theory]
    [MemberData(nameof(Stories.Seeds), 200, 25, MemberType = typeof(Stories))]
    public void A_store_that_fails_now_and_then_changes_nothing(int seed) => Stories.Tell(seed, new Story.Plan([], HasFaults: true, StopsWell: false));

    [Theory]
    [MemberData(nameof(Stories.Seeds), 300, 35, MemberType = typeof(Stories))]
    public void Crashes_stops_and_a_failing_store_together_lose_nothing(int seed)
    {
        var random = new Random(seed);
        Stories.Tell(seed, new Story.Plan([random.Next(20, 300), random.Next(100), random.Next(200)], HasFaults: true, StopsWell: true));
    }
}

internal static class Stories
{
    public static IEnumerable<TheoryDataRow<int>> Seeds(int first, int count) =>
        Enumerable.Range(first, count * Factor()).Select(seed => new TheoryDataRow<int>(seed));

    /// <summary>Tells one story.</summary>
    /// <returns>How many crash points the first engine passed.</returns>
    public static int Tell(int seed, Story.Plan plan)
    {
        var points = 0;
        try
        {
            World.Run(
                async world =>
                {
                    var story = new Story(world, plan);
                    await story.RunAsync();
                    points = story.Passed;
                },
                seed);
        }
        catch (Exception failure) when (failure is not null)
        {
            throw new InvalidOperationException($"{plan} [{string.Join(',', plan.CrashPoints)}]: {failure.Message}", failure);
        }

        return points;
    }

    private static int Factor() =>
        int.TryParse(Environment.GetEnvironmentVariable("SAVEPOINT_STORIES"), CultureInfo.InvariantCulture, out var factor) ? factor : 1;
}
