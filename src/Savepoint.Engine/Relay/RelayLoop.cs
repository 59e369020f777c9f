using System.Text;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Relay;

/// <summary>
/// Publishes committed changes of a database, in order per shard, at least once (I6): from memory right after the commit, from the journal where it has to catch
/// up. The cursor moves after the publisher has taken a segment and is stored with the next checkpoint. A publisher that is down delays events
/// and nothing else.
/// </summary>
internal sealed class RelayLoop(EngineContext context, Database database, IPublisher publisher, EngineMetrics metrics)
{
    private const int MostAtOnce = 1_000;

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(100);

    private readonly CommittedFeed _feed = database.Feed;

    private TimeSpan _backoff = FirstBackoff;

    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                var published = false;
                foreach (var shard in database.Shards)
                    published |= await RelayAsync(shard, stopping);
                if (!published)
                    await _feed.Signal.WaitAsync();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped while it waited; the cursor stands where it should.
        }
    }

    private async Task<bool> RelayAsync(Shard shard, CancellationToken stopping)
    {
        long cursor, committed;
        lock (shard.Gate)
            (cursor, committed) = (shard.PublishedSequence, shard.CommittedSequence);
        if (!IsServed(shard))
        {
            // A commit that was under way when the ownership ended has left its segment.
            _feed.Drop(shard.Index);
            return false;
        }

        if (cursor >= committed)
            return false;

        while (cursor < committed && !stopping.IsCancellationRequested && IsServed(shard))
        {
            if (await NextAsync(shard.Index, cursor, stopping) is not { } segment)
                return true;
            var changes = Changes(segment, cursor);
            cursor = segment.LastSequence;

            // What has come meanwhile goes with it: the broker is a round trip away, and commits don't wait for it.
            while (changes.Count < MostAtOnce && _feed.Take(shard.Index, cursor + 1) is { } next)
            {
                changes.AddRange(Changes(next, cursor));
                cursor = next.LastSequence;
            }

            await PublishAsync(shard.Index, changes, stopping);
            lock (shard.Gate)
                shard.PublishedSequence = cursor;
        }

        return true;
    }

    /// <summary>Whether there is anything to publish for: once a shard is handed over, the next owner goes on from the stored cursor.</summary>
    private static bool IsServed(Shard shard)
    {
        lock (shard.Gate)
            return shard.Service.Refusal is null;
    }

    private async Task<JournalSegment?> NextAsync(int shard, long cursor, CancellationToken stopping)
    {
        if (_feed.Take(shard, cursor + 1) is { } fresh)
            return fresh;
        try
        {
            await foreach (var segment in database.Store.ReadAsync(shard, cursor, stopping))
                return segment;
        }
        catch (StoreException failure)
        {
            database.StoreFailure ??= failure.Message;
        }

        await BackOffAsync(stopping);
        return null;
    }

    private async Task PublishAsync(int shard, List<PublishedChange> changes, CancellationToken stopping)
    {
        while (changes.Count > 0)
        {
            try
            {
                await publisher.PublishAsync(shard, changes, stopping);
                _backoff = FirstBackoff;
                return;
            }
            catch (PublishException poison) when (changes.Exists(change => change.Sequence == poison.Sequence))
            {
                await BuryAsync(shard, changes.Find(change => change.Sequence == poison.Sequence)!, poison, stopping);
                changes.RemoveAll(change => change.Sequence == poison.Sequence);
            }
#pragma warning disable CA1031 // Whatever a publisher throws, the events wait and the cursor stays.
            catch (Exception)
            {
                stopping.ThrowIfCancellationRequested();
                await BackOffAsync(stopping);
            }
#pragma warning restore CA1031
        }
    }

    /// <summary>
    /// Writes the dead letter of a change. Where the store never takes it, the change is passed over without: it is in the journal still, and the others must
    /// not wait for ever.
    /// </summary>
    private async Task BuryAsync(int shard, PublishedChange change, PublishException poison, CancellationToken stopping)
    {
        metrics.DeadLetter(database, "relay");
        for (; ; await BackOffAsync(stopping))
        {
            try
            {
                await database.Store.AddDeadLetterAsync(
                    new DeadLetter(0, "relay", shard, change.Key, change.Sequence, change.Delta, poison.Message, 1, context.Time.GetUtcNow()),
                    stopping);
                return;
            }
            catch (StoreException failure)
            {
                database.StoreFailure ??= failure.Message;
                if (!failure.IsTransient)
                    return;
            }
        }
    }

    private async Task BackOffAsync(CancellationToken stopping)
    {
        await Task.Delay(context.Jitter(_backoff), context.Time, stopping);
        var most = context.Options.MaxPublishBackoff;
        _backoff = _backoff * 2 < most ? _backoff * 2 : most;
    }

    /// <summary>What of a segment is to be published: changes, but for those of secret entities.</summary>
    private List<PublishedChange> Changes(in JournalSegment segment, long cursor)
    {
        var changes = new List<PublishedChange>();
        var reader = new SegmentReader(segment);
        while (reader.TryRead(out var record))
        {
            if (record.Sequence <= cursor || record.Type is not (RecordType.Changed or RecordType.Removed or RecordType.Erased or RecordType.Repaired))
                continue;
            var key = new EntityKey(Text(record.Kind), Text(record.Id));
            if (IsSecret(key.Kind))
                continue;
            changes.Add(new PublishedChange(
                key,
                record.Version,
                record.Sequence,
                new DateTimeOffset(record.AtTicks, TimeSpan.Zero),
                record.EventType.IsEmpty ? PlainEventOf(record.Type) : Text(record.EventType),
                record.Type == RecordType.Repaired ? WholeIn(record.Payload) : record.Payload.ToArray(),
                Text(record.Actor),
                record.Reason.IsEmpty ? null : Text(record.Reason),
                record.CorrelationId.IsEmpty ? null : Text(record.CorrelationId)));
        }

        return changes;
    }

    /// <summary>Of Savepoint's own kinds, one that is not known here, since its module was left out at this start, may be secret.</summary>
    private bool IsSecret(string kind) => context.Kinds.TryGet(kind, out var known) ? known.IsSecret : kind.StartsWith(KindCheck.OwnPrefix, StringComparison.Ordinal);

    private static byte[] WholeIn(ReadOnlySpan<byte> repair)
    {
        RepairRecord.TryDocument(repair, out var delta);
        return delta.ToArray();
    }

    private static string PlainEventOf(RecordType type) => type switch
    {
        RecordType.Removed => "removed",
        RecordType.Erased => "erased",
        _ => "changed",
    };

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
