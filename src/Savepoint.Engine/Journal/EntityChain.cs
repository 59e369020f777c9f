using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Journal;

/// <summary>
/// One entity's records, each found by the back-pointer of the next. It keeps the last segment that it read: records that were committed together cost
/// one read.
/// </summary>
internal sealed class EntityChain(IJournalStore store, int shard, EntityKey key)
{
    private readonly byte[] _kind = System.Text.Encoding.UTF8.GetBytes(key.Kind);
    private readonly byte[] _id = System.Text.Encoding.UTF8.GetBytes(key.Id);
    private DecodedSegment? _segment;
    private long _sequence;

    /// <summary>The record that was moved to.</summary>
    public RecordView Current => _segment!.Read(_sequence);

    /// <summary>Goes to a record.</summary>
    /// <returns>
    /// False where the chain ends: the record is gone with its part of the journal, is another entity's, which a row that a person has put in may point
    /// to, or can't be read. What is older can be had from whole copies only, as when a version is read.
    /// </returns>
    public async ValueTask<bool> MoveToAsync(long sequence)
    {
        try
        {
            if (_segment?.Contains(sequence) != true)
            {
                if (sequence <= 0 || await store.ReadContainingAsync(shard, sequence, CancellationToken.None) is not { } found)
                    return false;
                _segment = new DecodedSegment(found);
            }

            var record = _segment.Read(sequence);
            _sequence = sequence;
            return record.Kind.SequenceEqual(_kind) && record.Id.SequenceEqual(_id);
        }
        catch (JournalFormatException)
        {
            return false;
        }
    }
}
