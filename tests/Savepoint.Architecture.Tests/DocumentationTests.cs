using System.Text.RegularExpressions;

namespace Savepoint.Architecture.Tests;

public partial class DocumentationTests
{
    public static TheoryData<string> Pages() =>
    [
        .. Directory.GetFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Append(Repository.PathOf("README.md"))
            .Select(file => Path.GetRelativePath(Repository.Root, file)),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_names_only_files_that_exist(string page)
    {
        var text = File.ReadAllText(Repository.PathOf(page));
        var named = SourcePaths().Matches(text).Select(match => match.Value.TrimEnd('/', '.')).Distinct(StringComparer.Ordinal);
        named.Where(path => !Exists(path)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_links_only_to_pages_that_exist(string page)
    {
        var folder = Path.GetDirectoryName(Repository.PathOf(page))!;
        var text = File.ReadAllText(Repository.PathOf(page));
        var links = Links().Matches(text).Select(match => match.Groups["target"].Value.Split('#')[0])
            .Where(link => link.Length > 0 && !link.Contains("://", StringComparison.Ordinal));
        links.Where(link => !Path.Exists(Path.Combine(folder, link))).ShouldBeEmpty();
    }

    [Fact]
    public void Every_page_is_in_the_index_itself_or_with_its_folder()
    {
        var docs = Repository.PathOf("docs");
        var links = Links().Matches(File.ReadAllText(Path.Combine(docs, "README.md"))).Select(match => match.Groups["target"].Value).ToHashSet(StringComparer.Ordinal);
        Directory.GetFiles(docs, "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(docs, file).Replace('\\', '/'))
            .Where(page => page != "README.md" && !links.Contains(page) && !links.Contains(Path.GetDirectoryName(page) + "/"))
            .ShouldBeEmpty();
    }

    private static bool Exists(string path) => path.Contains('*', StringComparison.Ordinal)
        ? Directory.GetFiles(Repository.PathOf(Path.GetDirectoryName(path)!), Path.GetFileName(path)).Length > 0
        : Path.Exists(Repository.PathOf(path));

    [GeneratedRegex(@"(?<![\w./])(?:src|tests|benchmarks|samples)/[\w.*/-]+", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex SourcePaths();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Links();
}
