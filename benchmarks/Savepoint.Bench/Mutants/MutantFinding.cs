using Savepoint.Simulation;

namespace Savepoint.Bench;

/// <summary>What became of one deliberate bug.</summary>
/// <param name="Mutant">The bug.</param>
/// <param name="Seeds">How many seeds were run, in the order of their numbers, up to the first that failed; 0 when it was not found.</param>
/// <param name="What">What that seed reported, or why there is none.</param>
internal sealed record MutantFinding(Mutant Mutant, int Seeds, string What)
{
    private const int MostShown = 160;

    public bool IsFound => Seeds > 0;

    public override string ToString() => $"{Mutant.Name,-36} {Mutant.Promise,-8} {(IsFound ? $"{Seeds}" : "-"),5}  {(What.Length > MostShown ? $"{What[..MostShown]}…" : What)}";
}
