using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>What the owners of shards ask each other, and answer. Both begin with the format version, 1, and what they are.</summary>
internal static class PeerMessages
{
    private const byte FormatVersion = 1;

    public enum Request : byte
    {
        Prepare = 1,
        End = 2,
        Inquire = 3,
    }

    private enum Answer : byte
    {
        Refused = 1,
        Prepared = 2,
        Ended = 3,
        Fate = 4,
    }

    public static byte[] Prepare(UnitPart part) => Write((byte)Request.Prepare, buffer => PartCodec.Write(buffer, part));

    public static byte[] End(int shard, Guid id, long[]? versions) => Write((byte)Request.End, buffer =>
    {
        buffer.Varint((ulong)shard);
        buffer.Guid(id);
        buffer.Byte(versions is null ? (byte)0 : (byte)1);
        PartCodec.WriteNumbers(buffer, versions ?? []);
    });

    public static byte[] Inquire(int homeShard, Guid id, int askingShard) => Write((byte)Request.Inquire, buffer =>
    {
        buffer.Varint((ulong)homeShard);
        buffer.Guid(id);
        buffer.Varint((ulong)askingShard);
    });

    /// <summary>Begins to read a request.</summary>
    /// <exception cref="JournalFormatException">It is of another format.</exception>
    public static Request ReadRequest(ref ByteCursor cursor)
    {
        CheckFormat(ref cursor);
        return (Request)cursor.Byte();
    }

    public static (int Shard, Guid Id, long[]? Versions) ReadEnd(ref ByteCursor cursor)
    {
        var (shard, id, isCommitted, versions) = ((int)cursor.Varint(), cursor.Guid(), cursor.Byte() == 1, PartCodec.ReadNumbers(ref cursor));
        return (shard, id, isCommitted ? versions : null);
    }

    public static (int HomeShard, Guid Id, int AskingShard) ReadInquire(ref ByteCursor cursor) => ((int)cursor.Varint(), cursor.Guid(), (int)cursor.Varint());

    public static byte[] Refused(Refusal refusal) =>
        Write((byte)Answer.Refused, buffer => RecordRefusal.Of(0, 0, refusal).Write(buffer));

    public static byte[] Prepared(long[] versions) => Write((byte)Answer.Prepared, buffer => PartCodec.WriteNumbers(buffer, versions));

    public static byte[] Ended() => Write((byte)Answer.Ended, _ => { });

    public static byte[] Of(InquiryAnswer answer) => Write((byte)Answer.Fate, buffer =>
    {
        buffer.Byte((byte)answer.Fate);
        PartCodec.WriteNumbers(buffer, answer.Versions);
    });

    public static (Refusal? Refusal, long[] Versions) ReadPrepared(ReadOnlySpan<byte> bytes)
    {
        var cursor = new ByteCursor(bytes);
        return Read(ref cursor, Answer.Prepared) is { } refusal ? (refusal, []) : (null, PartCodec.ReadNumbers(ref cursor));
    }

    public static Refusal? ReadEnded(ReadOnlySpan<byte> bytes)
    {
        var cursor = new ByteCursor(bytes);
        return Read(ref cursor, Answer.Ended);
    }

    public static InquiryAnswer ReadFate(ReadOnlySpan<byte> bytes)
    {
        var cursor = new ByteCursor(bytes);
        return Read(ref cursor, Answer.Fate) is { } refusal
            ? new InquiryAnswer(default, [], refusal)
            : new InquiryAnswer((Fate)cursor.Byte(), PartCodec.ReadNumbers(ref cursor));
    }

    /// <returns>The refusal, where it is one.</returns>
    private static Refusal? Read(ref ByteCursor cursor, Answer expected)
    {
        CheckFormat(ref cursor);
        var found = (Answer)cursor.Byte();
        if (found == Answer.Refused)
            return RecordRefusal.Read(ref cursor).ToRefusal();
        return found == expected ? null : throw new JournalFormatException("an answer of another node is not to what it was asked");
    }

    private static void CheckFormat(ref ByteCursor cursor)
    {
        if (cursor.Byte() is not FormatVersion)
            throw new JournalFormatException("a message of another node has a format that is not known here");
    }

    private static byte[] Write(byte kind, Action<ByteBuffer> body)
    {
        using var buffer = new ByteBuffer(512);
        buffer.Byte(FormatVersion);
        buffer.Byte(kind);
        body(buffer);
        return buffer.Written.ToArray();
    }
}
