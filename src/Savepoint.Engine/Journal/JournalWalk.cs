using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Journal;

/// <summary>Follows one entity's records back through the journal, by their back-pointers.</summary>
internal sealed class JournalWalk(IJournalStore store)
{
    /// <summary>Where a record lies.</summary>
    public readonly record struct Place(DecodedSegment Segment, long Sequence);

    /// <summary>Finds an entity's records from a sequence number back to, and without, another.</summary>
    /// <returns>The places of the records, oldest first; null when a part of the journal is gone.</returns>
    /// <exception cref="JournalFormatException">A segment on the way is damaged.</exception>
    public async ValueTask<List<Place>?> BackAsync(int shard, long from, long until, CancellationToken cancellationToken)
    {
        var places = new List<Place>();
        DecodedSegment? segment = null;
        for (var sequence = from; sequence > until;)
        {
            if (segment?.Contains(sequence) != true)
            {
                if (await store.ReadContainingAsync(shard, sequence, cancellationToken) is not { } found)
                    return null;
                segment = new DecodedSegment(found);
            }

            places.Add(new Place(segment, sequence));
            sequence = segment.Read(sequence).PreviousSequence;
        }

        places.Reverse();
        return places;
    }

    /// <summary>Reads the record at a place.</summary>
    public static RecordView Read(in Place place) => place.Segment.Read(place.Sequence);
}
