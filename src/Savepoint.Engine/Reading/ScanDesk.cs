using Savepoint.Engine.Commits;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Reading;

/// <summary>
/// Lists entities. For a page:
/// 1. look at what is in memory and not stored yet, under the shard's lock;
/// 2. wait until that is durable (I2);
/// 3. read the store: of what was stored since the first step, it holds that state or a newer one;
/// 4. put the two together, the newer state of each entity winning. Where the page would tell of an entity that could not be seen in the first step, wait
/// for that entity and begin anew.
/// </summary>
internal sealed class ScanDesk(EngineContext context, EntityLoader loader)
{
    public void Scan(EntityScan scan)
    {
        if ((uint)scan.Shard >= (uint)context.Shards.Length)
        {
            scan.Refuse(UnitRules.Invalid("there is no such shard"));
            return;
        }

        var refusal = scan.Check(0, 0) ?? (context.Kinds.TryGet(scan.Key.Kind ?? "", out _) ? null : new Refusal(RefusalCode.UnknownKind));
        if (refusal is not null)
        {
            scan.Refuse(refusal);
            return;
        }

        ChangedEntities? changed = null;
        var isCommitted = true;
        Shard shard;
        lock (context.Shards[scan.Shard].Gate)
        {
            shard = context.Shards[scan.Shard];
            refusal = context.ServingRefusal(shard);
            if (refusal is null)
                changed = ChangedEntities.Of(shard, scan, out isCommitted);
            if (refusal is null && !isCommitted)
            {
                if (shard.Database.IsQueueFull(share: 1))
                    refusal = Overload.TooMuchWaits;
                else
                    shard.Then(new ScanLater(this, shard, scan, changed!));
            }
        }

        if (refusal is not null)
            scan.Refuse(refusal);
        else if (isCommitted)
            _ = GoOnAsync(shard, scan, changed!);
    }

    private async Task GoOnAsync(Shard shard, EntityScan scan, ChangedEntities changed)
    {
        // The caller may be in the midst of a commit's effects: leave it before anything else is done.
        await Task.Yield();
        IReadOnlyList<ListedEntity> stored;
        var range = new EntityRange(scan.Shard, scan.Key.Kind, scan.Key.Id, scan.Limit)
        {
            DocumentBytes = scan.WithDocuments ? EntityScan.MaxDocumentBytes : 0,
        };
        try
        {
            stored = await shard.Store.ListEntitiesAsync(range, CancellationToken.None);
        }
        catch (StoreException)
        {
            scan.Refuse(new Refusal(RefusalCode.Unavailable) { Detail = "the entities could not be read", RetryAfter = TimeSpan.FromSeconds(1) });
            return;
        }
        catch (ObjectDisposedException)
        {
            scan.Refuse(new Refusal(RefusalCode.ShuttingDown));
            return;
        }

        var page = new PageMerge(scan, range).Merge(stored, changed);
        if (changed.Unseen.Count > 0 && (page.Next is null || IdOrder.Compare(changed.Unseen[0].Id, page.Next) <= 0))
            WaitFor(changed.Unseen[0], scan);
        else
            scan.Completed(page, null);
    }

    private void WaitFor(in EntityKey key, EntityScan scan)
    {
        Refusal? refusal;
        var waits = false;
        lock (context.Shards[scan.Shard].Gate)
        {
            var shard = context.Shards[scan.Shard];
            refusal = context.ServingRefusal(shard);
            if (refusal is null && shard.Units.Held.IsClosedTo(key, scan))
                (refusal, waits) = (context.WaitForHeld(shard, key, scan), true);
            else if (refusal is null && shard.Unstored.ContainsKey(key))
                (refusal, waits) = (loader.Begin(shard, key) ?? loader.Wait(shard, key, scan), true);
        }

        if (refusal is not null)
            scan.Refuse(refusal with { Key = default });
        else if (!waits)
            Scan(scan);
    }

    private sealed class ScanLater(ScanDesk desk, Shard shard, EntityScan scan, ChangedEntities changed) : Effect
    {
        public override void Run() => _ = desk.GoOnAsync(shard, scan, changed);

        public override void Fail(Refusal failure) => scan.Refuse(failure);
    }
}
