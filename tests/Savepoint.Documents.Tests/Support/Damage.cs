using FsCheck;
using FsCheck.Fluent;

namespace Savepoint.Documents.Tests;

/// <summary>Something that happens to bytes: changed, cut off, put in, doubled, or replaced by noise.</summary>
internal sealed record Damage(int Kind, int Place, byte[] Noise)
{
    public static Gen<Damage> Any { get; } =
        from kind in Gen.Choose(0, 5)
        from place in Gen.Choose(0, 1 << 20)
        from noise in Gen.Choose(0, 255).Select(b => (byte)b).NonEmptyListOf()
        select new Damage(kind, place, [.. noise]);

    public byte[] Apply(byte[] bytes)
    {
        var at = Place % bytes.Length;
        switch (Kind)
        {
            case 0:
                bytes[at] = Noise[0];
                return bytes;
            case 1:
                bytes[at] ^= (byte)(1 << (Noise[0] & 7));
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], Noise[0], .. bytes[at..]];
            case 4:
                return [.. bytes[..at], .. bytes[(at / 2)..]];
            default:
                return [1, (byte)(Noise[0] & 7), .. Noise.Select(b => (byte)(b & 15))];
        }
    }

    public override string ToString() => $"damage {Kind} at {Place} with {Convert.ToHexString(Noise)}";
}

/// <summary>A document and what happens to its bytes.</summary>
internal sealed record DamagedDocument(Document Document, Damage Damage)
{
    public static Gen<DamagedDocument> Any { get; } =
        from document in Samples.Document
        from damage in Damage.Any
        select new DamagedDocument(document, damage);

    public static IEnumerable<DamagedDocument> Smaller(DamagedDocument sample) =>
        Samples.Smaller(sample.Document).Select(document => sample with { Document = document });

    public override string ToString() => $"{DocumentJson.ToText(Document)} with {Damage}";
}
