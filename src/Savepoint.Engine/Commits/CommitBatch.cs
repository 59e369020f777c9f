using Savepoint.Engine.Databases;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Commits;

/// <summary>What one commit takes: the queues of all shards of a database, cut at one moment, so that no unit is cut in two.</summary>
internal sealed class CommitBatch(EngineContext context, Database database)
{
    private readonly List<(Shard Shard, ShardBatch Batch)> _parts = [];
    private readonly List<JournalSegment> _segments = [];
    private readonly List<int> _locked = [];

    public Guid CommitId { get; private set; }

    public IReadOnlyList<JournalSegment> Segments => _segments;

    public IReadOnlyList<(Shard Shard, ShardBatch Batch)> Parts => _parts;

    public bool IsEmpty => _parts.Count == 0;

    public int Waiting { get; private set; }

    public long Records { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Takes what all shards have queued.</summary>
    public void Cut()
    {
        database.PendingShards.LockAll(context.Shards, _locked);
        try
        {
            foreach (var index in _locked)
            {
                var shard = context.Shards[index];
                if (shard.Pending.IsEmpty)
                    shard.Pending.Clear();
                else
                    _parts.Add((shard, shard.Cut()));
            }
        }
        finally
        {
            PendingShards.Unlock(context.Shards, _locked);
        }

        if (!IsEmpty)
            Seal();
    }

    /// <summary>Marks the records as durable.</summary>
    public void MarkCommitted()
    {
        long uncheckpointed = 0;
        foreach (var (shard, batch) in _parts)
        {
            if (!batch.HasRecords)
                continue;
            lock (shard.Gate)
            {
                shard.CommittedSequence = batch.LastSequence;
                uncheckpointed += shard.Service.IsHeld ? batch.LastSequence - batch.FirstSequence + 1 : 0;
            }
        }

        database.Counters.AddUncheckpointed(uncheckpointed);
    }

    /// <summary>Answers those who waited and pushes what changed, in order.</summary>
    public void Publish()
    {
        foreach (var (_, batch) in _parts)
            batch.Publish();
    }

    public void Fail(Refusal refusal)
    {
        foreach (var (_, batch) in _parts)
            batch.Fail(refusal);
    }

    /// <summary>Gives the queues back to their shards, to be filled again.</summary>
    public void Recycle()
    {
        database.Counters.AddQueuedUnits(-Waiting);
        database.Counters.AddQueuedBytes(-Bytes);
        foreach (var (shard, batch) in _parts)
        {
            lock (shard.Gate)
                shard.Recycle(batch);
        }

        _parts.Clear();
        _segments.Clear();
        (Waiting, Records, Bytes) = (0, 0, 0);
    }

    private void Seal()
    {
        CommitId = context.NewGuid();
        var at = context.Time.GetUtcNow();
        foreach (var (shard, batch) in _parts)
        {
            Waiting += batch.Waiting;
            if (!batch.HasRecords)
                continue;
            Records += batch.LastSequence - batch.FirstSequence + 1;
            Bytes += batch.Records.Length;
            _segments.Add(new JournalSegment(
                shard.Index, batch.FirstSequence, batch.LastSequence, shard.Epoch, CommitId, at, batch.Records.Finish()));
        }
    }
}
