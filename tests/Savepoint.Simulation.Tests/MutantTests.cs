namespace Savepoint.Simulation.Tests;

/// <summary>The deliberate bugs fit the sources; whether the simulator finds them, <c>./bench mutants</c> says.</summary>
public sealed class MutantTests
{
    [Theory]
    [MemberData(nameof(Names))]
    public void The_text_that_a_deliberate_bug_replaces_is_in_its_file_once(string name)
    {
        foreach (var edits in Find(name).Edits.GroupBy(edit => edit.File))
        {
            var source = File.ReadAllText(Path.Combine(MutantCatalogue.Root, edits.Key));
            foreach (var edit in edits)
            {
                edit.CountIn(source).ShouldBe(1, edit.Find);
                source = edit.Apply(source);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_deliberate_bug_names_a_promise_and_changes_something(string name)
    {
        var mutant = Find(name);
        mutant.Promise.ShouldBeOneOf("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "progress");
        mutant.Edits.ShouldAllBe(edit => edit.Find != edit.Put);
    }

    [Fact]
    public void A_mutant_is_read_from_its_text()
    {
        var mutant = Mutant.Parse("a-bug", "promise: I2\ndoes: Nothing.\n\nedit src/A.cs\n<<<\n  one\n  two\n===\n  three\n>>>\nedit src/B.cs\n<<<\ngone\n===\n>>>\n");
        mutant.Promise.ShouldBe("I2");
        mutant.Edits.ShouldBe([new MutantEdit("src/A.cs", "  one\n  two", "  three"), new MutantEdit("src/B.cs", "gone", "")]);
        Should.Throw<FormatException>(() => Mutant.Parse("a-bug", "promise: I2\ndoes: Nothing.\n\nedit src/A.cs\n<<<\none\n"));
    }

    public static IEnumerable<TheoryDataRow<string>> Names() => MutantCatalogue.Read().Select(mutant => new TheoryDataRow<string>(mutant.Name));

    private static Mutant Find(string name) => MutantCatalogue.Read().Single(mutant => mutant.Name == name);
}
