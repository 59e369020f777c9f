using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Journal;

/// <summary>Follows one entity's records back through the journal, by their back-pointers.</summary>
internal sealed class JournalWalk(IJournalStore store)
{
    /// <summary>Where a record lies.</summary>
    public readonly record struct Place(JournalSegment Segment, long Sequence);

    /// <summary>Finds an entity's records from a sequence number back to, and without, another.</summary>
    /// <returns>The places of the records, oldest first; null when a part of the journal is gone.</returns>
    /// <exception cref="JournalFormatException">A segment on the way is damaged.</exception>
    public async ValueTask<List<Place>?> BackAsync(int shard, long from, long until, CancellationToken cancellationToken)
    {
        var places = new List<Place>();
        JournalSegment? segment = null;
        for (var sequence = from; sequence > until;)
        {
            if (segment is not { } at || sequence < at.FirstSequence)
                segment = await store.ReadContainingAsync(shard, sequence, cancellationToken);
            if (segment is not { } found)
                return null;
            places.Add(new Place(found, sequence));
            sequence = PreviousOf(found, sequence);
        }

        places.Reverse();
        return places;
    }

    /// <summary>Reads the record at a place.</summary>
    public static RecordView Read(in Place place)
    {
        var reader = new SegmentReader(place.Segment, verify: false);
        return reader.TryReadAt(place.Sequence, out var record)
            ? record
            : throw new JournalFormatException($"segment {place.Segment.FirstSequence} of shard {place.Segment.Shard} lacks record {place.Sequence}");
    }

    private static long PreviousOf(in JournalSegment segment, long sequence)
    {
        var reader = new SegmentReader(segment);
        return reader.TryReadAt(sequence, out var record)
            ? record.PreviousSequence
            : throw new JournalFormatException($"segment {segment.FirstSequence} of shard {segment.Shard} lacks record {sequence}");
    }
}
