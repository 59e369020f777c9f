namespace Savepoint.Documents.Tests.Templates;

public sealed class DocumentDifferenceTests
{
    [Theory]
    [InlineData("""{}""", """{}""", null)]
    [InlineData("""{"a":{"b":[1,{"c":2}]}}""", """{"a":{"b":[1,{"c":2}]}}""", null)]
    [InlineData("""{"a":1}""", """{}""", "a")]
    [InlineData("""{}""", """{"b":1}""", "b")]
    [InlineData("""{"a":1,"c":3}""", """{"a":1,"b":2,"c":3}""", "b")]
    [InlineData("""{"a":1,"z":1}""", """{"a":1.0,"z":2}""", "a")]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"x":1,"y":3}}""", "a.y")]
    [InlineData("""{"a":{"x":1}}""", """{"a":{}}""", "a.x")]
    [InlineData("""{"a":{"x":1}}""", """{"a":[1]}""", "a")]
    [InlineData("""{"a":[1,2]}""", """{"a":[1,3]}""", "a")]
    public void The_first_path_at_which_two_documents_differ_is_found(string one, string other, string? path)
    {
        DocumentDifference.First(DocumentJson.Parse(one), DocumentJson.Parse(other))?.ToString().ShouldBe(path);
        DocumentDifference.First(DocumentJson.Parse(other), DocumentJson.Parse(one))?.ToString().ShouldBe(path);
    }
}
