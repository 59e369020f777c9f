using System.Text;

namespace Savepoint.Documents.Tests;

public sealed class CodecProperties
{
    private static readonly DocumentLimits Limits = DocumentLimits.Default;

    [Fact]
    public void A_document_comes_back_from_its_bytes_as_it_was() => Property.Holds(Samples.Document, Samples.Smaller, document =>
    {
        var bytes = document.ToBytes();
        var back = Document.Decode(bytes);
        back.ContentEquals(document).ShouldBeTrue();
        back.ToBytes().ShouldBe(bytes);
        back.EncodedSize.ShouldBe(bytes.Length);
    });

    [Fact]
    public void A_document_comes_back_from_its_JSON_as_it_was() => Property.Holds(Samples.Document, Samples.Smaller, document =>
    {
        DocumentJson.Parse(DocumentJson.ToUtf8(document)).ToBytes().ShouldBe(document.ToBytes());
        DocumentJson.Parse(DocumentJson.ToText(document, indented: true)).ToBytes().ShouldBe(document.ToBytes());
    });

    [Fact]
    public void Equal_documents_have_equal_bytes_in_whatever_order_they_were_built() => Property.Holds(Samples.Document, Samples.Smaller, document =>
    {
        var reversed = new Document(new MapBuilder(document.Root.Reverse()).Build());
        reversed.ToBytes().ShouldBe(document.ToBytes());
        ((Value)reversed.Root).GetHashCode().ShouldBe(((Value)document.Root).GetHashCode());
    });

    [Fact]
    public void Damaged_bytes_are_refused_or_are_another_document_in_its_one_form() => Property.Holds(
        DamagedDocument.Any,
        DamagedDocument.Smaller,
        sample =>
        {
            var bytes = sample.Damage.Apply(sample.Document.ToBytes());
            if (Document.TryDecode(bytes, Limits, out var decoded) == DocumentError.None)
                decoded!.ToBytes().ShouldBe(bytes);
            else
                decoded.ShouldBeNull();
        });

    [Fact]
    public void Skipping_a_value_refuses_exactly_what_reading_it_refuses() => Property.Holds(
        DamagedDocument.Any,
        DamagedDocument.Smaller,
        sample =>
        {
            byte[] bytes = [ValueTag.Map, .. sample.Damage.Apply(sample.Document.ToBytes()).Skip(1)];
            var read = new ByteReader(bytes);
            var skip = new ByteReader(bytes);
            var expected = ValueDecoder.Read(ref read, 1, Limits, out _);
            ValueSkipper.Skip(ref skip, 1, Limits).ShouldBe(expected);
            if (expected == DocumentError.None)
                skip.Position.ShouldBe(read.Position);
        });

    [Fact]
    public void Damaged_JSON_is_refused_or_is_another_document() => Property.Holds(
        DamagedDocument.Any,
        DamagedDocument.Smaller,
        sample =>
        {
            var bytes = sample.Damage.Apply(DocumentJson.ToUtf8(sample.Document));
            Document read;
            try
            {
                read = DocumentJson.Parse(bytes);
            }
            catch (DocumentException refusal)
            {
                refusal.Error.ShouldNotBe(DocumentError.None);
                return;
            }
            DocumentJson.Parse(DocumentJson.ToUtf8(read)).ToBytes().ShouldBe(read.ToBytes());
        });

    [Fact]
    public void Text_is_measured_as_the_framework_encodes_it() => Property.Holds(Samples.Key, key =>
    {
        var utf8 = Encoding.UTF8.GetBytes(key);
        Unicode.Utf8Length(key).ShouldBe(utf8.Length);
        Unicode.Utf16Length(utf8).ShouldBe(key.Length);
    });
}
