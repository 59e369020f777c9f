using System.Globalization;

namespace Savepoint.Simulation.Tests.Linearizability;

/// <summary>
/// A failure prints the seed; <c>SAVEPOINT_SEED=… dotnet run --project tests/Savepoint.Simulation.Tests -- -method "*its_name"</c> repeats that one.
/// </summary>
public class RandomHistoryTests(ITestOutputHelper output)
{
    [Fact]
    public void What_a_register_does_is_linearizable() => ForEachSeed(500, (seed, random) =>
    {
        var history = RandomHistory.Generate(random, random.Next(1, 400), random.Next(1, 20), random.NextDouble() * 0.2, random.Next(0, 4));
        var result = LinearizabilityChecker.Check(Shuffled(random, history));
        result.IsLinearizable.ShouldBeTrue($"SAVEPOINT_SEED={seed}: {result}");
    });

    [Fact]
    public void One_wrong_outcome_among_many_is_found() => ForEachSeed(500, (seed, random) =>
    {
        // Where every value is written once and every outcome is known, nothing can cover a false one.
        var history = RandomHistory.Generate(random, random.Next(20, 400), random.Next(1, 20), lossRate: 0, values: 0);
        int[] candidates = [.. Enumerable.Range(0, history.Count).Where(index => history[index].Outcome != OperationOutcome.Refused)];
        var changed = candidates[random.Next(candidates.Length)];
        history[changed] = WithOtherOutcome(random, history[changed]);
        LinearizabilityChecker.Check(history).Verdict.ShouldBe(LinearizabilityVerdict.NotLinearizable, $"SAVEPOINT_SEED={seed}: {history[changed]}");
    });

    [Fact]
    public void The_checker_agrees_with_trying_every_order()
    {
        var verdicts = new Dictionary<bool, int> { [true] = 0, [false] = 0 };
        ForEachSeed(20_000, (seed, random) =>
        {
            var history = RandomHistory.Generate(random, random.Next(2, 8), random.Next(1, 5), random.NextDouble() * 0.6, random.Next(1, 4));
            for (var changes = random.Next(3); changes > 0; changes--)
            {
                var changed = random.Next(history.Count);
                history[changed] = random.Next(3) == 0 ? AtOtherTime(random, history[changed]) : WithOtherOutcome(random, history[changed]);
            }

            var expected = BruteForce.IsLinearizable(history);
            verdicts[expected]++;
            var result = LinearizabilityChecker.Check(history);
            result.Verdict.ShouldBe(
                expected ? LinearizabilityVerdict.Linearizable : LinearizabilityVerdict.NotLinearizable,
                $"SAVEPOINT_SEED={seed}:\n{string.Join('\n', history)}\n{result}");
        });
        output.WriteLine($"{verdicts[true]} linearizable, {verdicts[false]} not.");
        if (Wanted is null)
            verdicts.Values.Min().ShouldBeGreaterThan(3_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ten_thousand_operations_of_32_callers_are_checked_at_once(bool isWrong)
    {
        var history = RandomHistory.Generate(new Random(1), 10_000, 32, lossRate: 0.04, values: 50);
        if (isWrong)
        {
            var last = history.FindLastIndex(operation => operation.Outcome == OperationOutcome.Acknowledged);
            var sent = history[last];
            history[last] = sent.Acknowledged(sent.Returned, sent.Version + 10_000);
        }

        var start = TimeProvider.System.GetTimestamp();
        var result = LinearizabilityChecker.Check(history);
        output.WriteLine(
            $"{history.Count(operation => operation.Outcome == OperationOutcome.NoReturn)} without outcome, "
            + $"{TimeProvider.System.GetElapsedTime(start).TotalMilliseconds} ms: {result}");
        result.Verdict.ShouldBe(isWrong ? LinearizabilityVerdict.NotLinearizable : LinearizabilityVerdict.Linearizable);
    }

    private static HistoryOperation WithOtherOutcome(Random random, HistoryOperation operation)
    {
        var version = operation.Version + (operation.Version > 0 && random.Next(2) == 0 ? -1 : 1);
        return operation.Outcome switch
        {
            OperationOutcome.Seen when random.Next(2) == 0 => operation.Saw(operation.Returned, operation.Version, (operation.Value ?? 0) + 1),
            OperationOutcome.Seen => operation.Saw(operation.Returned, version, operation.Value),
            OperationOutcome.Acknowledged => operation.Acknowledged(operation.Returned, version),
            OperationOutcome.Refused => operation.Refused(operation.Returned, version),
            _ => operation,
        };
    }

    private static HistoryOperation AtOtherTime(Random random, HistoryOperation operation)
    {
        var returned = operation.Invoked + random.Next(1, 5);
        return operation.Outcome switch
        {
            OperationOutcome.Seen => operation.Saw(returned, operation.Version, operation.Value),
            OperationOutcome.Acknowledged => operation.Acknowledged(returned, operation.Version),
            OperationOutcome.Refused => operation.Refused(returned, operation.Version),
            _ => operation,
        };
    }

    private static HistoryOperation[] Shuffled(Random random, List<HistoryOperation> history)
    {
        HistoryOperation[] shuffled = [.. history];
        random.Shuffle(shuffled);
        return shuffled;
    }

    private static int? Wanted =>
        int.TryParse(Environment.GetEnvironmentVariable("SAVEPOINT_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : null;

    private static void ForEachSeed(int count, Action<int, Random> test)
    {
        foreach (var seed in Wanted is { } wanted ? [wanted] : Enumerable.Range(1, count))
            test(seed, new Random(seed));
    }
}
