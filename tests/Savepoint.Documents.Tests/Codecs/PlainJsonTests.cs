using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Savepoint.Documents.Tests.Codecs;

public sealed class PlainJsonTests
{
    [Fact]
    public void Every_value_is_what_people_expect_of_it()
    {
        var root = new MapBuilder(
        [
            new("$key", 1L),
            new("bytes", Value.From(new byte[] { 1, 2, 255 })),
            new("double", 0.5),
            new("flag", true),
            new("list", Value.FromList(1L, "x", Value.FromMap(Array.Empty<KeyValuePair<string, Value>>()))),
            new("long", long.MinValue),
            new("text", "Zoë \"ü\" 😀\n"),
            new("time", new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero).AddTicks(1)),
            new("whole", 3.0),
        ]).Build();

        Write(new Document(root).ToBytes()).ShouldBe(
            """{"$key":1,"bytes":"AQL/","double":0.5,"flag":true,"list":[1,"x",{}],"long":-9223372036854775808,"text":"Zo\u00EB \u0022\u00FC\u0022 \uD83D\uDE00\n","time":"2026-01-31T12:00:00.0000001Z","whole":3}""");
    }

    [Fact]
    public void Any_truncation_or_change_is_either_refused_or_well_formed()
    {
        var root = new MapBuilder([new("a", "text"), new("b", Value.FromList(1L, 2.5)), new("c", true)]).Build();
        var bytes = new Document(root).ToBytes();

        for (var length = 0; length < bytes.Length; length++)
            Write(bytes.AsSpan(0, length)).ShouldBeNull();
        for (var i = 0; i < bytes.Length * 8; i++)
        {
            var changed = bytes.ToArray();
            changed[i / 8] ^= (byte)(1 << (i % 8));
            if (Write(changed) is { } text)
                JsonDocument.Parse(text).Dispose();
        }
    }

    private static string? Write(ReadOnlySpan<byte> canonical)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        var isDocument = PlainJson.TryWrite(writer, canonical);
        writer.Flush();
        return isDocument ? Encoding.UTF8.GetString(buffer.WrittenSpan) : null;
    }
}
