using Savepoint.Engine.Journal;

namespace Savepoint.Engine.Writers;

/// <summary>
/// The payload of a record of the type <see cref="RecordType.Outcomes"/>: for each of several writers its guid, up to where it has received outcomes,
/// and outcomes (docs/reference/journal-format.md).
/// </summary>
internal sealed class OutcomesRecord : IDisposable
{
    private readonly ByteBuffer _buffer = new(256);

    public ReadOnlySpan<byte> Written => _buffer.Written;

    public void Writer(Guid writer, WriterState state, int outcomes)
    {
        _buffer.Guid(writer);
        _buffer.Varint((ulong)state.ReceivedThrough);
        _buffer.Varint((ulong)outcomes);
    }

    public void Add(in WriterOutcome outcome)
    {
        if (outcome.Refusal is not null)
        {
            _buffer.Varint(0);
            outcome.ToRecord().Write(_buffer);
            return;
        }

        _buffer.Varint((ulong)(outcome.Versions?.Length ?? 1));
        _buffer.Varint((ulong)outcome.Request);
        _buffer.Varint(outcome.Fingerprint);
        if (outcome.Versions is null)
            _buffer.Varint((ulong)outcome.Version);
        foreach (var version in outcome.Versions ?? [])
            _buffer.Varint((ulong)version);
    }

    public static WriterOutcome Read(ref ByteCursor cursor, long sequence)
    {
        var count = cursor.Count();
        if (count == 0)
            return WriterOutcome.Of(RecordRefusal.Read(ref cursor), sequence);
        var (request, fingerprint) = ((long)cursor.Varint(), cursor.Varint());
        var versions = new long[count];
        for (var i = 0; i < count; i++)
            versions[i] = (long)cursor.Varint();
        return WriterOutcome.Of(request, sequence, fingerprint, versions);
    }

    public void Dispose() => _buffer.Dispose();
}
