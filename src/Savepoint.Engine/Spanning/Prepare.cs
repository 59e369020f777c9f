using Savepoint.Engine.Journal;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>
/// A part that was checked and is kept, to be carried out or forgotten as its unit's home shard decides. Until then its entities are held. Guarded by its
/// shard's lock.
/// </summary>
internal sealed class Prepare
{
    public required UnitPart Part { get; init; }

    /// <summary>What becomes of each mutation.</summary>
    public required KeptMutation[] Kept { get; init; }

    /// <summary>The sequence number of its record; of one without a record, the newest that it builds on.</summary>
    public required long Sequence { get; init; }

    /// <summary>The record that ended it; 0 while it is open.</summary>
    public long EndSequence { get; set; }

    /// <summary>When to ask what became of its unit, in ticks of the engine's clock.</summary>
    public long AskAt { get; set; }

    /// <summary>Whether somebody is asking.</summary>
    public bool IsAsking { get; set; }

    public Guid Id => Part.Id;

    public bool IsOpen => EndSequence == 0;

    public long[] Versions => Array.ConvertAll(Kept, kept => kept.Version);

    /// <summary>Writes it, as the payload of its record and as a part of the shard's metadata.</summary>
    public void Write(ByteBuffer buffer)
    {
        PartCodec.Write(buffer, Part);
        for (var i = 0; i < Kept.Length; i++)
        {
            ref readonly var kept = ref Kept[i];
            buffer.Varint((ulong)kept.Version);
            buffer.Byte(kept.Removes ? (byte)1 : (byte)0);
            buffer.Block(kept.Delta);
            buffer.Int64(kept.Message?.SentAt.UtcTicks ?? 0);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="JournalFormatException">It is damaged.</exception>
    public static Prepare Read(ref ByteCursor cursor, long sequence)
    {
        var part = PartCodec.Read(ref cursor);
        var kept = new KeptMutation[part.Mutations.Length];
        for (var i = 0; i < kept.Length; i++)
        {
            var (version, removes, delta, sentAt) = ((long)cursor.Varint(), cursor.Byte() == 1, cursor.Block().ToArray(), cursor.Ticks());
            ref readonly var mutation = ref part.Mutations[i];
            kept[i] = new KeptMutation
            {
                Version = version,
                Removes = removes,
                Delta = delta,
                Message = mutation.Kind == MutationKind.Message
                    ? new EntityMessage(version, mutation.Payload, part.Actor, new DateTimeOffset(sentAt, TimeSpan.Zero))
                    : null,
            };
        }

        return new Prepare { Part = part, Kept = kept, Sequence = sequence };
    }
}

/// <summary>What a mutation that was checked will do.</summary>
internal readonly struct KeptMutation
{
    /// <summary>The version that it makes; for a message, its number.</summary>
    public required long Version { get; init; }

    /// <summary>The delta to journal; of a document that is made, all of it.</summary>
    public byte[] Delta { get; init; }

    public bool Removes { get; init; }

    public EntityMessage? Message { get; init; }

    /// <summary>What is pushed and not journaled: Transient properties, which a crash forgets.</summary>
    public byte[]? Unversioned { get; init; }
}
