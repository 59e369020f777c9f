using Savepoint.Engine.Journal;

namespace Savepoint.Engine.Shards;

/// <summary>
/// Encodes what is stored beside a shard's numbers (docs/reference/journal-format.md): the writers alone, in their own format 1, as long as nothing else is
/// there, so that engines from before can take the shard; else 2, the writers, and the units over several nodes.
/// </summary>
internal static class ShardMetadata
{
    private const byte WithUnits = 2;

    /// <summary>Encodes what is certain. Under the shard's lock.</summary>
    public static byte[] Encode(Shard shard)
    {
        var writers = shard.Writers.Encode(shard.CommittedSequence);
        var units = shard.Units.Encode(shard.CommittedSequence);
        if (units.Length == 0)
            return writers;
        using var buffer = new ByteBuffer(writers.Length + units.Length + 16);
        buffer.Byte(WithUnits);
        buffer.Block(writers);
        buffer.Block(units);
        return buffer.Written.ToArray();
    }

    /// <summary>Takes up what a checkpoint stored.</summary>
    /// <exception cref="JournalFormatException">It is damaged or of a newer format.</exception>
    public static void Decode(Shard shard, ReadOnlySpan<byte> bytes, long now)
    {
        if (bytes.IsEmpty || bytes[0] != WithUnits)
        {
            shard.Writers.Decode(bytes, now);
            return;
        }

        var cursor = new ByteCursor(bytes[1..]);
        shard.Writers.Decode(cursor.Block(), now);
        shard.Units.Decode(cursor.Block());
    }
}
