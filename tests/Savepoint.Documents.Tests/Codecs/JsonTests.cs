using System.Text;
using System.Text.Json;

namespace Savepoint.Documents.Tests;

public sealed class JsonTests
{
    [Theory]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":1.0}""")]
    [InlineData("""{"a":-9223372036854775808,"b":9223372036854775807}""")]
    [InlineData("""{"a":1E+17,"b":5E-324,"c":1.7976931348623157E+308}""")]
    [InlineData("""{"a":[true,false,"x",[],{}]}""")]
    [InlineData("""{"a":{"$timestamp":"2026-01-31T12:00:00.1234567Z"},"b":{"$bytes":"AQI="},"c":{"$bytes":""}}""")]
    [InlineData("""{"$$$x":1,"$$bytes":"not bytes","a":{"$$timestamp":"just text"}}""")]
    [InlineData("""{"":1,"q":"\"\\","ключ":"漢字"}""")]
    public void JSON_comes_back_as_it_was(string json) => DocumentJson.ToText(Edit.Json(json)).ShouldBe(json);

    [Theory]
    [InlineData("""{"a":1e0}""", """{"a":1.0}""")]
    [InlineData("""{"a":-0.0,"b":-0}""", """{"a":0.0,"b":0}""")]
    [InlineData(""" {"b":1 , "a":"\u0041"} """, """{"a":"A","b":1}""")]
    [InlineData("""{"a":{"$timestamp":"2026-01-31T12:00:00Z"}}""", """{"a":{"$timestamp":"2026-01-31T12:00:00.0000000Z"}}""")]
    public void Other_ways_to_write_the_same_are_read(string json, string written) => DocumentJson.ToText(Edit.Json(json)).ShouldBe(written);

    [Theory]
    [InlineData("", DocumentError.InvalidJson)]
    [InlineData("1", DocumentError.InvalidJson)]
    [InlineData("[]", DocumentError.InvalidJson)]
    [InlineData("{", DocumentError.InvalidJson)]
    [InlineData("{} {}", DocumentError.InvalidJson)]
    [InlineData("{}x", DocumentError.InvalidJson)]
    [InlineData("{\"a\":1,}", DocumentError.InvalidJson)]
    [InlineData("{\"a\":NaN}", DocumentError.InvalidJson)]
    [InlineData("{\"$x\":1}", DocumentError.InvalidJson)]
    [InlineData("{\"$\":1}", DocumentError.InvalidJson)]
    [InlineData("{\"a\":{\"$timestamp\":1}}", DocumentError.InvalidJson)]
    [InlineData("{\"a\":{\"$timestamp\":\"2026-01-31T12:00:00+01:00\"}}", DocumentError.InvalidJson)]
    [InlineData("{\"a\":{\"$timestamp\":\"2026-01-31T12:00:00Z\",\"b\":1}}", DocumentError.InvalidJson)]
    [InlineData("{\"a\":{\"b\":1,\"$timestamp\":\"2026-01-31T12:00:00Z\"}}", DocumentError.InvalidJson)]
    [InlineData("{\"a\":{\"$bytes\":\"?\"}}", DocumentError.InvalidJson)]
    [InlineData("{\"$timestamp\":\"2026-01-31T12:00:00Z\"}", DocumentError.InvalidJson)]
    [InlineData("{\"a\":null}", DocumentError.NullValue)]
    [InlineData("{\"a\":1,\"a\":2}", DocumentError.DuplicateKey)]
    [InlineData("{\"a\":1,\"\\u0061\":2}", DocumentError.DuplicateKey)]
    [InlineData("{\"a\":1e400}", DocumentError.NotFinite)]
    [InlineData("{\"a\":9223372036854775808}", DocumentError.Overflow)]
    [InlineData("{\"a\":\"\\u0000\"}", DocumentError.InvalidString)]
    [InlineData("{\"a\":\"\\ud800\"}", DocumentError.InvalidString)]
    [InlineData("{\"\\ud800\":1}", DocumentError.InvalidString)]
    [InlineData("{\"a\":{\"$bytes\":\"\\udc00\"}}", DocumentError.InvalidString)]
    [InlineData("{\"a\\u0000\":1}", DocumentError.InvalidString)]
    public void What_is_no_document_is_refused(string json, DocumentError expected) => Refused.With(expected, () => DocumentJson.Parse(json));

    [Fact]
    public void A_lone_surrogate_in_the_text_is_refused() => Refused.With(DocumentError.InvalidString, () => DocumentJson.Parse("{\"a\":\"\uD800\"}"));

    [Fact]
    public void Invalid_UTF8_is_refused() => Refused.With(DocumentError.InvalidString, () => DocumentJson.Parse([.. "{\"a\":\""u8, 0xFF, .. "\"}"u8]));

    [Fact]
    public void A_value_is_read_from_within_a_larger_text()
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes("""[{"$bytes":"AQ=="},{"x":[1]},7]"""));
        reader.Read();
        reader.Read();
        DocumentJson.ReadValue(ref reader).AsBytes().ToArray().ShouldBe([1]);
        reader.Read();
        DocumentJson.ReadValue(ref reader).AsMap()["x"].ShouldBe(Value.FromList(1));
        reader.Read();
        DocumentJson.ReadValue(ref reader).ShouldBe(7);
    }
}
