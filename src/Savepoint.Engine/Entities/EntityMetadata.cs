using Savepoint.Engine.Journal;
using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Entities;

/// <summary>
/// Encodes what is stored beside an entity's document: its session, its messages, and in a format of its own also its erasure
/// (docs/reference/journal-format.md).
/// </summary>
internal static class EntityMetadata
{
    private const byte FormatVersion = 1;
    private const byte WithErasure = 2;

    public static byte[] Encode(EntityExtras? extras)
    {
        if (extras is not { Session: not null } and not { LastMessage: > 0 } and not { ErasedVersion: > 0 })
            return [];

        using var buffer = new ByteBuffer(256);
        buffer.Byte(extras!.ErasedVersion == 0 ? FormatVersion : WithErasure);
        if (extras.ErasedVersion > 0)
        {
            buffer.Varint((ulong)extras.ErasedVersion);
            buffer.Varint((ulong)extras.ErasedSequence);
        }

        WriteSession(buffer, extras.Session);
        buffer.Varint((ulong)extras.LastMessage);
        buffer.Varint((ulong)(extras.Messages?.Count ?? 0));
        foreach (var message in extras.Messages ?? [])
            WriteMessage(buffer, message);
        return buffer.Written.ToArray();
    }

    public static EntityExtras? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return null;

        var cursor = new ByteCursor(bytes);
        var version = cursor.Byte();
        if (version is not (FormatVersion or WithErasure))
            throw new JournalFormatException($"the format version {version} of its metadata is not known here");
        var (erasedVersion, erasedSequence) = version == WithErasure ? ((long)cursor.Varint(), (long)cursor.Varint()) : (0, 0);
        var extras = new EntityExtras { Session = ReadSession(ref cursor), LastMessage = (long)cursor.Varint() };
        if (erasedVersion > 0)
            extras.Erase(erasedVersion, erasedSequence, isStored: true);
        var count = cursor.Count();
        if (count > 0)
            extras.Messages = new List<EntityMessage>(count);
        for (var i = 0; i < count; i++)
            extras.Messages!.Add(ReadMessage(ref cursor));
        return cursor.IsAtEnd ? extras : throw new JournalFormatException("its metadata is longer than its parts");
    }

    public static void WriteSession(ByteBuffer buffer, SessionState? session)
    {
        // A session that was asked for and never granted has no number yet, and is as good as none.
        buffer.Varint((ulong)(session?.Number ?? 0));
        if (session is null or { Number: 0 })
            return;
        buffer.Byte(session.IsActive ? (byte)1 : (byte)0);
        buffer.Text(session.Holder);
        buffer.Guid(session.Writer);
        buffer.Varint((ulong)session.Request);
        buffer.Int64(session.SinceTicks);
    }

    public static SessionState? ReadSession(ref ByteCursor cursor)
    {
        var number = (long)cursor.Varint();
        return number == 0 ? null : new SessionState
        {
            Number = number,
            IsActive = cursor.Byte() == 1,
            Holder = cursor.Text(),
            Writer = cursor.Guid(),
            Request = (long)cursor.Varint(),
            SinceTicks = cursor.Ticks(),
        };
    }

    public static void WriteMessage(ByteBuffer buffer, EntityMessage message)
    {
        buffer.Varint((ulong)message.Id);
        buffer.Block(message.Body.Span);
        buffer.Text(message.Sender);
        buffer.Int64(message.SentAt.UtcTicks);
    }

    public static EntityMessage ReadMessage(ref ByteCursor cursor) => new(
        (long)cursor.Varint(),
        cursor.Block().ToArray(),
        cursor.Text(),
        new DateTimeOffset(cursor.Ticks(), TimeSpan.Zero));
}
