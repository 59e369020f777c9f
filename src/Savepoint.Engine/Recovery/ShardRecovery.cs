using System.Text;
using Savepoint.Documents;
using Savepoint.Engine.Economy;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Spanning;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Recovery;

/// <summary>
/// Takes shards of one database over and brings them to the state that their journals hold:
/// 1. raise the epoch of each shard, so that an owner before us can't store checkpoints any more;
/// 2. append a barrier to each journal, so that it can't commit any more either;
/// 3. read what the owner before us has stored last, which is final now;
/// 4. load what was checkpointed and replay the records behind it.
/// A shard is served as soon as it has come so far. One whose journal is damaged or incomplete is not served; it never starts from less than was
/// acknowledged. Used once.
/// </summary>
internal sealed class ShardRecovery(EngineContext context, SessionDesk sessions, IReadOnlyList<Shard> shards)
{
    private const int Flows = 2;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, StoreException> _failures = [];

    /// <summary>Recovers the shards, all of which are being taken over.</summary>
    /// <returns>Those for which the store failed: they are being taken over still.</returns>
    public async Task<IReadOnlyDictionary<int, StoreException>> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await BecomeOwnerAsync(cancellationToken);
        }
        catch (StoreException failure)
        {
            foreach (var shard in shards)
                _failures[shard.Index] = failure;
            return _failures;
        }

        var next = 0;
        var flows = new Task[Math.Min(Flows, shards.Count)];
        for (var i = 0; i < flows.Length; i++)
            flows[i] = ReplaySomeAsync(() => Interlocked.Increment(ref next) - 1, cancellationToken);
        await Task.WhenAll(flows);
        return _failures;
    }

    private async Task BecomeOwnerAsync(CancellationToken cancellationToken)
    {
        foreach (var shard in shards)
            await ClaimAsync(shard, cancellationToken);
        try
        {
            await AppendBarriersAsync(shards, cancellationToken);
        }
        catch (JournalConflictException)
        {
            // The owner before us goes on committing until it meets a barrier: shard by shard it has less time to get in between.
            foreach (var shard in shards)
                await AppendBarrierAsync(shard, cancellationToken);
        }

        foreach (var shard in shards)
            await TakeStateAsync(shard, cancellationToken);
    }

    private async Task ReplaySomeAsync(Func<int> next, CancellationToken cancellationToken)
    {
        await Task.Yield();
        for (var i = next(); i < shards.Count; i = next())
        {
            var shard = shards[i];
            if (shard.Service.Phase != ShardPhase.TakenOver)
                continue;
            try
            {
                await ReplayAsync(shard, cancellationToken);
            }
            catch (StoreException failure)
            {
                lock (_gate)
                    _failures.Add(shard.Index, failure);
            }
        }
    }

    private async Task ReplayAsync(Shard shard, CancellationToken cancellationToken)
    {
        try
        {
            await new Replay(context, sessions, shard).RunAsync(cancellationToken);
        }
        catch (JournalFormatException damage)
        {
            // What looks like damage may be what the next owner has written, or trimmed, since.
            var state = await shard.Store.ReadShardAsync(shard.Index, cancellationToken);
            Close(shard, state.Epoch == shard.Epoch ? ShardService.Failed(damage.Message) : ShardService.Lost);
        }
    }

    /// <summary>Ends the taking of a shard, unless somebody has already.</summary>
    private static void Close(Shard shard, ShardService service)
    {
        lock (shard.Gate)
        {
            if (shard.Service.Phase == ShardPhase.TakenOver)
                shard.Close(service);
        }
    }

    private async Task ClaimAsync(Shard shard, CancellationToken cancellationToken)
    {
        var state = await shard.Store.ReadShardAsync(shard.Index, cancellationToken);
        while (!await shard.Store.ClaimShardAsync(shard.Index, state.Epoch, state.Epoch + 1, cancellationToken))
            state = await shard.Store.ReadShardAsync(shard.Index, cancellationToken);
        shard.Epoch = state.Epoch + 1;
        shard.CheckpointSequence = state.CheckpointSequence;
    }

    /// <summary>Takes the shard's state as the owner before us left it, now that it can't change it any more.</summary>
    private async Task TakeStateAsync(Shard shard, CancellationToken cancellationToken)
    {
        if (shard.Service.Phase != ShardPhase.TakenOver)
            return;
        var state = await shard.Store.ReadShardAsync(shard.Index, cancellationToken);
        if (state.Epoch != shard.Epoch)
        {
            Close(shard, ShardService.Lost);
            return;
        }

        shard.CheckpointSequence = state.CheckpointSequence;
        shard.PublishedSequence = shard.StoredPublished = state.PublishedSequence;
        try
        {
            ShardMetadata.Decode(shard, state.Metadata.Span, context.Now);
        }
        catch (JournalFormatException damage)
        {
            Close(shard, ShardService.Failed($"shard {shard.Index}: its stored state can't be read: {damage.Message}"));
        }
    }

    private async Task AppendBarrierAsync(Shard shard, CancellationToken cancellationToken)
    {
        while (shard.Service.Phase == ShardPhase.TakenOver)
        {
            try
            {
                await AppendBarriersAsync([shard], cancellationToken);
                return;
            }
            catch (JournalConflictException)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task AppendBarriersAsync(IReadOnlyList<Shard> claimed, CancellationToken cancellationToken)
    {
        var commitId = context.NewGuid();
        var at = context.Time.GetUtcNow();
        var barriers = new List<JournalSegment>();
        foreach (var shard in claimed)
        {
            if (shard.Service.Phase != ShardPhase.TakenOver)
                continue;
            var tail = await shard.Store.ReadTailAsync(shard.Index, cancellationToken);
            var last = tail?.LastSequence ?? 0;

            // In this order: who takes the shard over from us raises its epoch before appending, so that the tail is theirs only if the epoch is. A barrier
            // behind theirs would take the shard from both.
            var state = await shard.Store.ReadShardAsync(shard.Index, cancellationToken);
            if (state.Epoch != shard.Epoch)
            {
                Close(shard, ShardService.Lost);
                continue;
            }

            if (last < shard.CheckpointSequence)
            {
                Close(shard, ShardService.Failed($"shard {shard.Index}: the journal ends at sequence {last}, before its checkpoint {shard.CheckpointSequence}"));
                continue;
            }

            shard.FirstOwnSequence = shard.LastSequence = shard.CommittedSequence = last + 1;
            barriers.Add(new JournalSegment(shard.Index, last + 1, last + 1, shard.Epoch, commitId, at, default));
        }

        if (barriers.Count > 0)
            await claimed[0].Store.AppendAsync(barriers, cancellationToken);
    }

    /// <summary>The replay of one shard.</summary>
    private sealed class Replay(EngineContext context, SessionDesk sessions, Shard shard)
    {
        private readonly RecordReplay _replay = new();
        private readonly Utf8Strings _texts = new();
        private readonly Dictionary<EntityKey, Entity> _entities = new(context.KeyComparer);
        private readonly List<EntityKey> _missing = [];

        // Entities that can't be read, with what is stored of that.
        private readonly List<(Entity Entity, string? StoredError)> _damaged = [];

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            var reached = shard.CheckpointSequence;
            await foreach (var segment in shard.Store.ReadAsync(shard.Index, reached, cancellationToken))
            {
                try
                {
                    if (segment.FirstSequence > reached + 1)
                        throw new JournalFormatException($"records {reached + 1} to {segment.FirstSequence - 1} are missing");
                    if (reached == shard.CheckpointSequence)
                        await LoadLedgerAsync(segment, cancellationToken);
                    FindMissing(segment);
                    await LoadMissingAsync(cancellationToken);
                    ApplyAll(segment);
                }
                catch (JournalFormatException damage)
                {
                    throw new JournalFormatException($"shard {shard.Index}, segment at sequence {segment.FirstSequence}: {damage.Message}");
                }

                reached = segment.LastSequence;
            }

            if (reached != shard.LastSequence)
                throw new JournalFormatException($"shard {shard.Index}: the journal ends at sequence {reached} and not at {shard.LastSequence}");
            await FlagAsync(cancellationToken);
            TakeIn();
        }

        private void FindMissing(in JournalSegment segment)
        {
            _missing.Clear();
            var reader = new SegmentReader(segment);
            while (reader.TryRead(out var record))
            {
                if (record.IsOfShard)
                    continue;
                var key = KeyOf(record);
                if (_entities.ContainsKey(key))
                    continue;
                if (!context.Kinds.TryGet(key.Kind, out var kind))
                    throw new JournalFormatException($"it holds an entity of the kind '{key.Kind}', which is not registered");
                _entities.Add(key, new Entity(key, kind));
                _missing.Add(key);
            }
        }

        /// <summary>Reads the ledger as the checkpoint has it; <see cref="ApplyAll"/> adds the records behind that.</summary>
        private async ValueTask LoadLedgerAsync(JournalSegment first, CancellationToken cancellationToken)
        {
            var from = ShardLedger.FirstDay(first.At);
            shard.Ledger.Load(from, await shard.Store.ReadLedgerAsync(shard.Index, from, cancellationToken));
        }

        private async ValueTask LoadMissingAsync(CancellationToken cancellationToken)
        {
            if (_missing.Count == 0 || shard.CheckpointSequence == 0)
                return;
            foreach (var stored in await shard.Store.ReadEntitiesAsync(shard.Index, _missing, cancellationToken))
            {
                var entity = StoredEntities.Read(stored, _entities[stored.Key].Kind);
                _entities[stored.Key] = entity;
                if (entity.Extras?.QuarantineError is not null)
                    _damaged.Add((entity, stored.QuarantineError));
            }
        }

        /// <summary>Flags what can't be read, before a checkpoint can pass its records.</summary>
        private async ValueTask FlagAsync(CancellationToken cancellationToken)
        {
            foreach (var (entity, storedError) in _damaged)
            {
                // It may have been repaired since its row was stored.
                if (entity.Extras?.QuarantineError is { } error && error != storedError)
                    await shard.Store.QuarantineAsync(shard.Index, entity.Key, error, context.Time.GetUtcNow(), cancellationToken);
            }
        }

        private void ApplyAll(in JournalSegment segment)
        {
            var reader = new SegmentReader(segment, verify: false);
            var now = context.Now;
            while (reader.TryRead(out var record))
            {
                if (record.IsOfShard)
                {
                    ApplyToShard(record, now);
                    continue;
                }

                if (record.HasOutcome)
                    shard.Writers.Replay(record, now);
                var entity = _entities[KeyOf(record)];
                if (record.Type == RecordType.Changed && record.Sequence > shard.CheckpointSequence)
                    Count(entity, record);
                if (record.Sequence <= entity.Sequence)
                    continue;
                if (entity.Extras?.QuarantineError is { } error && record.Type != RecordType.Repaired)
                {
                    entity.Extras.QuarantineError = JournalOnly.With(error);
                    continue;
                }

                if (entity.DirtySince == 0)
                    entity.DirtySince = record.Sequence;
                _replay.Apply(entity, record, shard.Copies);
            }
        }

        private void Count(Entity entity, in RecordView record)
        {
            try
            {
                shard.Ledger.Count(record.Sequence, entity.Kind.Name, _texts.Of(record.Reason), record.AtTicks, record.Payload);
            }
            catch (DocumentException refused)
            {
                throw new JournalFormatException($"a delta can't be read ({refused.Error.Code()})");
            }
        }

        private void ApplyToShard(in RecordView record, long now)
        {
            if (record.Type == RecordType.Outcomes)
                shard.Writers.ReplayOutcomes(record, now);
            else if (ShardUnits.IsOne(record.Type))
                shard.Units.Replay(record);
            else
                throw new JournalFormatException($"a record has the type {(int)record.Type}, which is not known here");
        }

        private void TakeIn()
        {
            lock (shard.Gate)
            {
                // It may have been dropped meanwhile, as another's.
                if (shard.Service.Phase != ShardPhase.TakenOver)
                    return;

                // Holders of sessions could not come back before now.
                shard.LeasesSince = context.Now;
                foreach (var entity in _entities.Values)
                {
                    shard.Add(entity);
                    sessions.OnLoaded(shard, entity, entity.Sequence);
                    if (entity.DirtySince == 0)
                        continue;
                    entity.IsListedForCheckpoint = true;
                    shard.Dirty.Add(entity);
                }

                shard.Units.HoldAll();
                shard.Database.Counters.AddUncheckpointed(shard.CommittedSequence - shard.CheckpointSequence);
                shard.Service = ShardService.Served;
            }
        }

        private EntityKey KeyOf(in RecordView record) => new(_texts.Of(record.Kind), _texts.Of(record.Id));
    }
}
