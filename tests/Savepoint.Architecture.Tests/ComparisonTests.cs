using System.Text.RegularExpressions;

namespace Savepoint.Architecture.Tests;

/// <summary>docs/reference/compared.md names a test for each defect; this sees that they are there.</summary>
public partial class ComparisonTests
{
    private const int KnownDefects = 21;

    private static readonly string[] Lines = File.ReadAllLines(Repository.PathOf("docs/reference/compared.md"));

    public static TheoryData<string> Defects() => [.. Rows().Select(row => row.Defect)];

    [Fact]
    public void Every_known_defect_has_its_row() => Rows().Select(row => row.Defect).Distinct(StringComparer.Ordinal).Count().ShouldBe(KnownDefects);

    [Theory]
    [MemberData(nameof(Defects))]
    public void The_tests_that_are_named_for_a_defect_exist(string defect)
    {
        var files = TestFiles().Split(Rows().Single(row => row.Defect == defect).Tests).Skip(1).ToArray();
        files.Length.ShouldBeGreaterThan(1, "a file and its tests");
        for (var i = 0; i < files.Length; i += 2)
        {
            var source = File.ReadAllText(Repository.PathOf(files[i]));
            var names = Names().Matches(files[i + 1]).Select(match => match.Groups["name"].Value).ToArray();
            names.ShouldNotBeEmpty(files[i]);
            names.Where(name => !IsTest(source, name)).ShouldBeEmpty(files[i]);
        }
    }

    [Theory]
    [InlineData("    [Fact]\n    public void It_works()", true)]
    [InlineData("    [Theory]\n    [InlineData(1)]\n    public async Task It_works(int number)", true)]
    [InlineData("    [Fact(Skip = \"never\")]\n    public void It_works()", false)]
    [InlineData("    private static void It_works()", false)]
    [InlineData("    [Fact]\n    public void It_works_too()", false)]
    public void A_test_is_a_public_method_with_its_attribute(string source, bool isTest) => IsTest(source, "It_works").ShouldBe(isTest);

    private static IEnumerable<(string Defect, string Tests)> Rows() => Lines
        .SkipWhile(line => !line.StartsWith("## Known defects", StringComparison.Ordinal))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Skip(1)
        .Select(line => line.Split(" | "))
        .Select(cells => (cells[0].TrimStart('|', ' '), cells[2]));

    private static bool IsTest(string source, string name) => Regex.IsMatch(
        source,
        $@"\[(Fact|Theory)\]\s+(\[[^\n]*\]\s+)*public (async )?(void|Task) {name}\(",
        RegexOptions.None,
        TimeSpan.FromSeconds(10));

    [GeneratedRegex(@"`(?<file>tests/[\w./]+\.cs)`", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex TestFiles();

    [GeneratedRegex(@"`(?<name>\w+)`", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Names();
}
