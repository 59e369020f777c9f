using Savepoint.Simulation;

namespace Savepoint.Bench;

/// <summary>
/// <c>mutants</c>: how good the simulator is. Each deliberate bug of <see cref="MutantCatalogue"/> has to be found within a number of seeds; and the seeds
/// that found one have to be good without it.
/// </summary>
internal static class MutantsBench
{
    public static int Run(string[] names, int seeds, int limitSeconds)
    {
        var all = MutantCatalogue.Read();
        if (names.FirstOrDefault(name => all.All(mutant => mutant.Name != name)) is { } unknown)
        {
            Console.Error.WriteLine($"There is no mutant {unknown}; there are: {string.Join(", ", all.Select(mutant => mutant.Name))}");
            return 1;
        }

        var chosen = names.Length == 0 ? all : [.. all.Where(mutant => names.Contains(mutant.Name))];
        using var workshop = new MutantWorkshop(MutantCatalogue.Root);
        var findings = new List<MutantFinding>();
        foreach (var mutant in chosen)
        {
            var finding = workshop.Try(mutant, seeds, limitSeconds);
            findings.Add(finding);
            Console.WriteLine(finding);
        }

        return Report(findings, workshop, limitSeconds);
    }

    private static int Report(List<MutantFinding> findings, MutantWorkshop workshop, int limitSeconds)
    {
        var took = findings.Where(finding => finding.IsFound).Select(finding => finding.Seeds).Order().ToList();
        var most = took.LastOrDefault();
        var report = new BenchReport("mutants")
            .With("mutants", (long)findings.Count, "deliberate bugs")
            .With("found", (long)took.Count, "found")
            .With("medianSeeds", took.Count == 0 ? null : (long)took[took.Count / 2], "seeds that half of them took at most")
            .With("mostSeeds", (long)most, "seeds that the hardest took");
        foreach (var finding in findings.Where(finding => !finding.IsFound))
            report.Fail($"{finding.Mutant.Name}: {finding.What}");
        if (most > 0 && workshop.TryUnchanged(most, limitSeconds) is { } broken)
            report.Fail($"without any bug, {broken}");
        return report.Print();
    }
}
