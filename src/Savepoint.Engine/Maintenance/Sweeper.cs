using Savepoint.Engine.Kinds;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Maintenance;

/// <summary>Does what time brings: ends waits and leases, journals overlays, unloads what is idle, forgets writers that went away.</summary>
internal sealed class Sweeper(EngineContext context, EntityLoader loader, SessionDesk sessions, MutationRecorder recorder)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WriterInterval = TimeSpan.FromMinutes(1);

    // How many entities are looked at under one hold of a shard's lock.
    private const int OneHold = 1_000;

    private long _writersSwept;

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Interval, context.Time, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            context.Refresh();
            foreach (var shard in context.Shards)
            {
                loader.EndWaits(shard);
                lock (shard.Gate)
                    Sweep(shard);
            }

            if (context.Now - _writersSwept >= WriterInterval.Ticks)
                ForgetWriters();
        }
    }

    /// <summary>Journals all overlays at once, before a stop.</summary>
    public void JournalOverlays()
    {
        foreach (var shard in context.Shards)
        {
            lock (shard.Gate)
                JournalOverlays(shard);
        }
    }

    /// <summary>Journals all overlays of a shard at once. Under its lock.</summary>
    public void JournalOverlays(Shard shard) => JournalOverlays(shard, all: true);

    private void Sweep(Shard shard)
    {
        // While the lease is over nothing could be committed, and what is given up for it would be dropped from memory.
        if (shard.Service.Refusal is not null || context.Lease.IsOver)
            return;
        sessions.Mind(shard);
        JournalOverlays(shard, all: false);
        Unload(shard);
    }

    private void JournalOverlays(Shard shard, bool all)
    {
        if (shard.Overlaid.Count == 0)
            return;
        var before = context.Now - context.Options.SaveInterval.Ticks;
        shard.Overlaid.RemoveAll(entity =>
        {
            if (entity.IsDropped || entity.Extras?.Overlay is not { } overlay)
                return true;
            if (!all && overlay.Since > before)
                return false;
            recorder.RecordOverlay(shard, entity, context.Time.GetUtcNow());
            return true;
        });
    }

    private void Unload(Shard shard)
    {
        var now = context.Now;
        var before = now - context.Options.UnloadAfter.Ticks;
        for (var looked = 0; looked < OneHold && shard.Idle.TryPeek(out var entity); looked++)
        {
            // The queue is in order of the times at which they were put in, each at its last use then: the first that is young ends the search.
            if (!entity.IsDropped && entity.LastUsed > before && entity.QueuedAt > before)
                return;
            // It has been put back by this very sweep, since a session or a watcher needs it: everything was looked at.
            if (!entity.IsDropped && entity.QueuedAt >= now)
                return;
            shard.Idle.Dequeue();
            if (entity.IsDropped)
                continue;
            if (entity.LastUsed <= before && MayUnload(shard, entity))
            {
                shard.Drop(entity, UnloadReason.Idle);
                continue;
            }

            entity.QueuedAt = now;
            shard.Idle.Enqueue(entity);
        }
    }

    /// <summary>Only what is stored as it is, and needed by nobody, may go.</summary>
    private static bool MayUnload(Shard shard, Entities.Entity entity) =>
        !shard.Units.Held.IsHeld(entity.Key)
        && entity.DirtySince == 0
        && !entity.IsListedForCheckpoint
        && shard.IsCommitted(entity)
        && entity.Extras is null or { HasActiveSession: false, Watchers.Length: 0, Overlay: null, Session: null or { Waiters.Count: 0 } };

    private void ForgetWriters()
    {
        _writersSwept = context.Now;

        // A writer that sends again and again is refused while the lease is over, and is not idle.
        if (context.Lease.HeldFor < context.Options.WriterMemory)
            return;
        var before = context.Now - context.Options.WriterMemory.Ticks;
        foreach (var shard in context.Shards)
        {
            lock (shard.Gate)
                shard.Writers.ForgetIdle(before);
        }
    }
}
