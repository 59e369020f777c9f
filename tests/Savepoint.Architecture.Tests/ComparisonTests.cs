using System.Text.RegularExpressions;

namespace Savepoint.Architecture.Tests;

/// <summary>docs/reference/compared.md names a test for each defect, and members of the SDK for what other stores have; this sees that they are there.</summary>
public partial class ComparisonTests
{
    private const int KnownDefects = 21;
    private const string Members = "client=SavepointClient store=Store profile=Profile SavepointClient SessionConflict SessionOptions TransactionBuilder Delta Document DocumentJson";

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

    /// <summary>As the code says it: this project refers to none that it looks at.</summary>
    [Fact]
    public void The_members_of_the_SDK_that_are_named_exist()
    {
        var owners = Members.Split(' ').Select(name => name.Split('=')).ToDictionary(name => name[0], name => SourceOf(name[^1]), StringComparer.Ordinal);
        var named = Lines.TakeWhile(line => !line.StartsWith("## Known defects", StringComparison.Ordinal))
            .Where(line => line.StartsWith('|'))
            .Select(line => line[(line.IndexOf(" | ", StringComparison.Ordinal) + 1)..])
            .SelectMany(cell => MembersNamed().Matches(cell))
            .Where(match => owners.ContainsKey(match.Groups["owner"].Value) && !IsCode(match.Value))
            .ToArray();
        named.Length.ShouldBeGreaterThan(40);
        named.Where(match => !IsMember(owners[match.Groups["owner"].Value], match.Groups["member"].Value)).Select(match => match.Value).Distinct().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("    public Task SaveAsync(int number)", true)]
    [InlineData("    public bool SaveAsync => true;", true)]
    [InlineData("    public event Action<bool>? SaveAsync", true)]
    [InlineData("    SaveAsync = 1,", true)]
    [InlineData("    internal Task SaveAsync()", false)]
    [InlineData("    public Task SaveAsyncToo()", false)]
    [InlineData("    /// <summary>SaveAsync</summary>", false)]
    public void A_member_is_public_or_of_an_enum(string source, bool isMember) => IsMember(source, "SaveAsync").ShouldBe(isMember);

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

    /// <summary>The text of all files of the SDK that declare a part of a type.</summary>
    private static string SourceOf(string type)
    {
        var files = new[] { "src/Savepoint.Client", "src/Savepoint.Documents" }
            .SelectMany(folder => Directory.GetFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories))
            .Select(File.ReadAllText)
            .Where(source => Regex.IsMatch(source, $@"^public [a-z ]*\b{type}\b(?!\()", RegexOptions.Multiline, TimeSpan.FromSeconds(10)));
        var text = string.Join('\n', files);
        text.ShouldNotBeEmpty(type);
        return text;
    }

    /// <summary>client.closed is no member but an error's code.</summary>
    private static bool IsCode(string named) => char.IsLower(named[named.IndexOf('.', StringComparison.Ordinal) + 1]);

    private static bool IsMember(string source, string name) => Regex.IsMatch(
        source,
        $@"^\s+(public [^=(\n]*\b{name}\b|{name} = \d+,)",
        RegexOptions.Multiline,
        TimeSpan.FromSeconds(10));

    private static bool IsTest(string source, string name) => Regex.IsMatch(
        source,
        $@"\[(Fact|Theory)\]\s+(\[[^\n]*\]\s+)*public (async )?(void|Task) {name}\(",
        RegexOptions.None,
        TimeSpan.FromSeconds(10));

    [GeneratedRegex(@"`(?<file>tests/[\w./]+\.cs)`", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex TestFiles();

    [GeneratedRegex(@"\b(?<owner>[A-Za-z]+)\.(?<member>[A-Za-z]+)", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex MembersNamed();

    [GeneratedRegex(@"`(?<name>\w+)`", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Names();
}
