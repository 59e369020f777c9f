using System.Text.Json;

namespace Savepoint.Architecture.Tests;

public class NoticeTests
{
    /// <summary>The SRD's licence asks for these words in whatever is made with it.</summary>
    [Fact]
    public void The_notice_credits_the_SRD_in_the_words_of_the_rulebook()
    {
        using var rulebook = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("src/Savepoint.Modules.Characters/Data/srd-5.1.json")));
        var attribution = rulebook.RootElement.GetProperty("attribution").GetString()!;
        var notice = string.Join(' ', File.ReadAllText(Repository.PathOf("NOTICE")).Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries));
        notice.ShouldContain(attribution);
    }
}
