using System.Text.RegularExpressions;

namespace Savepoint.Architecture.Tests;

/// <summary>The folders of the module that studios copy know each other in one direction, as docs/how-to/write-a-module.md says. What stands beside them is for all of them.</summary>
public partial class ModuleFolderTests
{
    private const string Module = "Savepoint.Modules.Characters";

    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Scores"] = [],
        ["Items"] = [],
        ["Currency"] = [],
        ["Origins"] = ["Scores", "Items"],
        ["Data"] = ["Scores", "Items", "Origins"],
        ["Rules"] = ["Scores", "Items", "Origins"],
        ["Creation"] = ["Scores", "Origins", "Data", "Rules"],
        ["State"] = ["Scores", "Items", "Origins", "Currency", "Data", "Rules", "Creation"],
        ["Intents"] = ["Currency", "Data", "Rules", "State"],
        ["Access"] = ["State"],
        ["Http"] = ["Scores", "Currency", "Data", "Rules", "Creation", "State", "Intents", "Access"],
    };

    public static TheoryData<string> Folders() => [.. Sources().Select(FolderOf).Where(folder => folder.Length > 0).Distinct().Order()];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_looks_only_at_those_below_it(string folder)
    {
        Allowed.ShouldContainKey(folder, $"{folder} has no place yet: give it one here.");
        foreach (var source in Sources().Where(source => FolderOf(source) == folder))
            Named(source).Where(name => name != folder && Allowed.ContainsKey(name)).Except(Allowed[folder]).ShouldBeEmpty(source);
    }

    [Fact]
    public void The_table_has_no_circles_and_no_folders_that_are_gone()
    {
        Allowed.Keys.Order().ShouldBe(Folders().Select(folder => folder.Data));
        var below = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (folder, allowed) in Allowed)
        {
            allowed.Except(below).ShouldBeEmpty($"{folder} stands above what it looks at.");
            below.Add(folder);
        }
    }

    private static string[] Sources() =>
        [.. Directory.GetFiles(Repository.PathOf($"src/{Module}"), "*.cs", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.PathOf($"src/{Module}"), file).Replace('\\', '/'))];

    private static string FolderOf(string source) => source.Contains('/') ? source[..source.IndexOf('/')] : "";

    /// <summary>The folders that a source names: in its using lines, and where it says a name in full.</summary>
    private static IEnumerable<string> Named(string source)
    {
        var text = File.ReadAllText(Repository.PathOf($"src/{Module}/{source}"));
        text.ShouldContain($"namespace {Module}.{FolderOf(source)};");
        return Using().Matches(text).Select(match => match.Groups["folder"].Value).Distinct();
    }

    [GeneratedRegex(@"^\s*(global )?using (static |\w+ = )?Savepoint\.Modules\.Characters\.(?<folder>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Using();
}
