using Savepoint.Engine.Journal;

namespace Savepoint.Engine.Spanning;

/// <summary>
/// A unit that takes effect, and the parts of it that other journals have still to carry out. Kept in the unit's home shard until all of them have; guarded
/// by its lock.
/// </summary>
internal sealed class Decision
{
    public required Guid Id { get; init; }

    /// <summary>The versions that the parts prepared, by shard.</summary>
    public required (int Shard, long[] Versions)[] Parts { get; init; }

    /// <summary>The sequence number of its record.</summary>
    public required long Sequence { get; init; }

    /// <summary>The record that says that all of it is done; 0 while it is not.</summary>
    public long EndSequence { get; set; }

    /// <summary>Shards that have carried out their part, durably.</summary>
    public HashSet<int> Done { get; } = [];

    /// <summary>When to tell the others again, in ticks of the engine's clock.</summary>
    public long TellAt { get; set; }

    public bool IsTelling { get; set; }

    public bool IsOpen => EndSequence == 0;

    public long[]? VersionsOf(int shard) => Array.Find(Parts, part => part.Shard == shard).Versions;

    public void Write(ByteBuffer buffer)
    {
        buffer.Guid(Id);
        buffer.Varint((ulong)Parts.Length);
        foreach (var (shard, versions) in Parts)
        {
            buffer.Varint((ulong)shard);
            PartCodec.WriteNumbers(buffer, versions);
        }
    }

    public static Decision Read(ref ByteCursor cursor, long sequence)
    {
        var id = cursor.Guid();
        var parts = new (int, long[])[cursor.Count()];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = ((int)cursor.Varint(), PartCodec.ReadNumbers(ref cursor));
        return new Decision { Id = id, Parts = parts, Sequence = sequence };
    }
}
