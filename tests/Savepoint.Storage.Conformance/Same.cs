using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance;

/// <summary>Comparisons by what records hold: their own equality compares byte memories by place.</summary>
internal static class Same
{
    public static void ShouldBeSameAs(this JournalSegment? actual, JournalSegment expected)
    {
        var segment = actual.ShouldNotBeNull();
        segment.Payload.ToArray().ShouldBe(expected.Payload.ToArray());
        (segment with { Payload = default }).ShouldBe(expected with { Payload = default });
    }

    public static void ShouldBeSameAs(this StoredEntity? actual, StoredEntity expected)
    {
        var entity = actual.ShouldNotBeNull();
        entity.Document?.ToArray().ShouldBe(expected.Document?.ToArray());
        entity.Document.HasValue.ShouldBe(expected.Document.HasValue);
        entity.Metadata.ToArray().ShouldBe(expected.Metadata.ToArray());
        (entity with { Document = null, Metadata = default }).ShouldBe(expected with { Document = null, Metadata = default });
    }

    public static void ShouldBeSameAs(this StoredSnapshot? actual, StoredSnapshot expected)
    {
        var snapshot = actual.ShouldNotBeNull();
        snapshot.Document?.ToArray().ShouldBe(expected.Document?.ToArray());
        snapshot.Document.HasValue.ShouldBe(expected.Document.HasValue);
        (snapshot with { Document = null }).ShouldBe(expected with { Document = null });
    }

    public static void ShouldBeSameAs(this ShardState actual, ShardState expected)
    {
        actual.Metadata.ToArray().ShouldBe(expected.Metadata.ToArray());
        (actual with { Metadata = default }).ShouldBe(expected with { Metadata = default });
    }
}
