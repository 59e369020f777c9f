using System.Globalization;
using System.Text.RegularExpressions;

namespace Savepoint.Documents.Tests;

public sealed partial class BinaryFormatTests
{
    [Theory]
    [InlineData("", DocumentError.Malformed)]
    [InlineData("00", DocumentError.UnsupportedFormat)]
    [InlineData("0200", DocumentError.UnsupportedFormat)]
    [InlineData("01", DocumentError.Malformed)]
    [InlineData("0100 00", DocumentError.Malformed)] // trailing byte
    [InlineData("018000", DocumentError.Malformed)] // count not in its shortest form
    [InlineData("0101 0161", DocumentError.Malformed)] // no value
    [InlineData("0101 0161 00", DocumentError.Malformed)] // unknown tag
    [InlineData("0101 0161 0A", DocumentError.Malformed)] // unknown tag
    [InlineData("0101 0161 01 8000", DocumentError.Malformed)] // integer not in its shortest form
    [InlineData("0101 0161 01 FFFFFFFFFFFFFFFFFF02", DocumentError.Malformed)] // more than 64 bits
    [InlineData("0101 0161 01 FFFFFFFFFFFFFFFFFF8100", DocumentError.Malformed)] // eleven bytes
    [InlineData("0101 0161 02 000000000000F07F", DocumentError.NotFinite)] // infinity
    [InlineData("0101 0161 02 000000000000F87F", DocumentError.NotFinite)] // NaN
    [InlineData("0101 0161 02 0000000000000080", DocumentError.Malformed)] // −0.0
    [InlineData("0101 0161 02 00000000000000", DocumentError.Malformed)] // too short
    [InlineData("0101 0161 05 0100", DocumentError.InvalidString)] // NUL
    [InlineData("0101 0161 05 01FF", DocumentError.InvalidString)] // invalid UTF-8
    [InlineData("0101 0161 05 02C080", DocumentError.InvalidString)] // overlong NUL
    [InlineData("0101 0161 05 03EDA080", DocumentError.InvalidString)] // surrogate
    [InlineData("0101 0161 05 04F4908080", DocumentError.InvalidString)] // above U+10FFFF
    [InlineData("0101 0161 05 02E282", DocumentError.InvalidString)] // cut off
    [InlineData("0101 0161 05 0261", DocumentError.Malformed)] // length beyond the end
    [InlineData("0101 0100 03", DocumentError.InvalidString)] // NUL in a key
    [InlineData("0101 0161 06 FFFFFFFFFFFFFFFFFF01", DocumentError.Malformed)] // before the year 1
    [InlineData("0102 0162 03 0161 03", DocumentError.Malformed)] // keys out of order
    [InlineData("0102 0161 03 0161 03", DocumentError.Malformed)] // a key twice
    [InlineData("0102 03EE8080 03 04F09F9880 03", DocumentError.Malformed)] // in order of UTF-8, not of UTF-16
    [InlineData("0101 0161 08 FFFFFFFF07", DocumentError.Malformed)] // more items than bytes
    [InlineData("01 FFFFFFFF07 0161 03", DocumentError.Malformed)] // more keys than bytes
    public void Bytes_that_are_no_documents_one_form_are_refused(string hex, DocumentError expected)
    {
        Document.TryDecode(Hex(hex), DocumentLimits.Default, out var document).ShouldBe(expected);
        document.ShouldBeNull();
        Refused.With(expected, () => Document.Decode(Hex(hex)));
    }

    [Fact]
    public void A_count_does_not_allocate_ahead_of_its_bytes()
    {
        // Fifteen lists, one in the other, each promising as many items as bytes are left.
        var bytes = new List<byte> { 1, 1, 1, (byte)'a' };
        for (var i = 0; i < 15; i++)
            bytes.AddRange([ValueTag.List, 0x80, 0x80, 0x01]);
        bytes.AddRange(new byte[40_000]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Document.TryDecode(bytes.ToArray(), DocumentLimits.Default with { MaxListLength = 1 << 24 }, out _).ShouldBe(DocumentError.Malformed);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(200_000);
    }

    [Fact]
    public void The_checksum_is_CRC_32C()
    {
        Crc32C.Compute("123456789"u8).ShouldBe(0xE3069283);
        Crc32C.Append(Crc32C.Compute("1234"u8), "56789"u8).ShouldBe(0xE3069283);
        var document = Edit.Json("""{"a":1}""");
        document.Checksum().ShouldBe(Crc32C.Compute(document.ToBytes()));
    }

    [Fact]
    public void The_vectors_in_the_documentation_hold()
    {
        var vectors = DocumentVector().Matches(Page());
        vectors.Count.ShouldBeGreaterThan(8);
        foreach (Match vector in vectors)
        {
            var bytes = Hex(vector.Groups["hex"].Value);
            DocumentJson.Parse(vector.Groups["json"].Value).ToBytes().ShouldBe(bytes);
            DocumentJson.ToText(Document.Decode(bytes)).ShouldBe(vector.Groups["json"].Value);
            Crc32C.Compute(bytes).ShouldBe(uint.Parse(vector.Groups["crc"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void The_delta_vectors_in_the_documentation_hold()
    {
        var vectors = DeltaVector().Matches(Page());
        vectors.Count.ShouldBeGreaterThan(4);
        foreach (Match vector in vectors)
        {
            var document = DocumentJson.Parse(vector.Groups["before"].Value);
            Delta.Apply(document, Hex(vector.Groups["hex"].Value));
            DocumentJson.ToText(document).ShouldBe(vector.Groups["after"].Value);
        }
    }

    [Fact]
    public void The_source_files_that_the_documentation_names_exist()
    {
        var files = SourceFile().Matches(Page());
        files.Count.ShouldBeGreaterThan(4);
        foreach (Match file in files)
            System.IO.File.Exists(System.IO.Path.Combine(Root(), file.Value)).ShouldBeTrue(file.Value);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", ""));

    private static string Page() => System.IO.File.ReadAllText(System.IO.Path.Combine(Root(), "docs/reference/binary-format.md"));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(System.IO.Path.Combine(folder, "Savepoint.slnx")))
            folder = System.IO.Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"^\| `(?<json>\{[^`]*)` \| `(?<hex>[0-9A-F ]+)` \| `(?<crc>[0-9A-F]{8})` \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DocumentVector();

    [GeneratedRegex(@"^\| [^|]+ \| `(?<hex>[0-9A-F ]+)` \| `(?<before>\{[^`]*)` \| `(?<after>\{[^`]*)` \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DeltaVector();

    [GeneratedRegex(@"(src|tests)/[\w./]+\.cs", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SourceFile();
}
