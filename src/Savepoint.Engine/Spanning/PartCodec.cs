using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>Encodes parts of units, for other nodes and for the journal (docs/reference/journal-format.md).</summary>
internal static class PartCodec
{
    public static void Write(ByteBuffer buffer, UnitPart part)
    {
        buffer.Guid(part.Id);
        buffer.Varint((ulong)part.HomeShard);
        buffer.Guid(part.Writer);
        buffer.Varint((ulong)part.Request);
        buffer.Text(part.Actor);
        Optional(buffer, part.Reason);
        Optional(buffer, part.CorrelationId);
        buffer.Varint((ulong)part.Mutations.Length);
        for (var i = 0; i < part.Mutations.Length; i++)
        {
            buffer.Varint((ulong)part.Indexes[i]);
            Write(buffer, part.Mutations[i]);
        }
    }

    public static UnitPart Read(ref ByteCursor cursor)
    {
        var (id, home, writer, request) = (cursor.Guid(), (int)cursor.Varint(), cursor.Guid(), (long)cursor.Varint());
        var (actor, reason, correlationId) = (cursor.Text(), Optional(ref cursor), Optional(ref cursor));
        var mutations = new Mutation[cursor.Count()];
        var indexes = new int[mutations.Length];
        for (var i = 0; i < mutations.Length; i++)
        {
            indexes[i] = (int)cursor.Varint();
            mutations[i] = ReadMutation(ref cursor);
        }

        return new UnitPart(id, home, indexes)
        {
            Mutations = mutations,
            Writer = writer,
            Request = request,
            Actor = actor,
            Reason = reason,
            CorrelationId = correlationId,
        };
    }

    public static void WriteNumbers(ByteBuffer buffer, long[] numbers)
    {
        buffer.Varint((ulong)numbers.Length);
        foreach (var number in numbers)
            buffer.Varint((ulong)number);
    }

    public static long[] ReadNumbers(ref ByteCursor cursor)
    {
        var numbers = new long[cursor.Count()];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = (long)cursor.Varint();
        return numbers;
    }

    private static void Write(ByteBuffer buffer, in Mutation mutation)
    {
        buffer.Text(mutation.Key.Kind);
        buffer.Text(mutation.Key.Id);
        buffer.Byte((byte)mutation.Kind);
        buffer.Block(mutation.Payload.Span);
        Optional(buffer, mutation.Intent);
        buffer.Varint(mutation.ExpectedVersion switch { null => 0, Mutation.AnyVersion => ulong.MaxValue, { } expected => (ulong)expected + 1 });
        buffer.Varint((ulong)mutation.Session);
        WriteNumbers(buffer, mutation.ProcessedMessages ?? []);
        buffer.Block(mutation.Template.Span);
        buffer.Varint((ulong)mutation.RestoredVersion);
    }

    private static Mutation ReadMutation(ref ByteCursor cursor)
    {
        var mutation = new Mutation
        {
            Key = new EntityKey(cursor.Text(), cursor.Text()),
            Kind = (MutationKind)cursor.Byte(),
            Payload = cursor.Block().ToArray(),
            Intent = Optional(ref cursor),
        };
        var expected = cursor.Varint();
        mutation.ExpectedVersion = expected switch { 0 => null, ulong.MaxValue => Mutation.AnyVersion, _ => (long)expected - 1 };
        mutation.Session = (long)cursor.Varint();
        mutation.ProcessedMessages = ReadNumbers(ref cursor) is { Length: > 0 } processed ? processed : null;
        mutation.Template = cursor.Block().ToArray();
        mutation.RestoredVersion = (long)cursor.Varint();
        return mutation;
    }

    private static void Optional(ByteBuffer buffer, string? text)
    {
        buffer.Byte(text is null ? (byte)0 : (byte)1);
        if (text is not null)
            buffer.Text(text);
    }

    private static string? Optional(ref ByteCursor cursor) => cursor.Byte() == 0 ? null : cursor.Text();
}
