using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Protocol;
using Savepoint.Streams.Errors;

namespace Savepoint.Modules.DataRights.Bulk;

/// <summary>
/// Goes on with a job, shard by shard. Each entity that meets the conditions is changed in one unit with the job's place in its shard, which is expected to be as
/// it was read: so each is changed once, whatever crashes, and of two who go on with the same job one finds out and stops.
/// </summary>
internal sealed class BulkRun(EngineAccess access, TimeProvider time, string id, BulkJob job)
{
    private const int PageSize = 200;
    private const int Attempts = 8;

    private readonly OperationWriter _writer = new(job.Actor, job.Reason ?? "bulk:" + id);

    /// <returns>Whether it has come to its end; false when it is to stop, or somebody else goes on with it.</returns>
    public async Task<bool> GoOnAsync(CancellationToken cancellationToken)
    {
        for (var shard = 0; shard < access.ShardCount; shard++)
        {
            if (!await GoThroughAsync(shard, cancellationToken))
                return false;
        }

        return true;
    }

    private async Task<bool> GoThroughAsync(int shard, CancellationToken cancellationToken)
    {
        var key = BulkKind.CursorKey(id, shard, access.ShardCount);
        var stored = await access.ReadAsync(key, cancellationToken);
        var cursor = BulkCursor.From(key, stored.Version, stored.Document);
        while (!cursor.IsDone)
        {
            if (!await IsRunningAsync(cancellationToken))
                return false;
            var page = await access.ScanAsync(shard, new EntityKey(job.Kind, cursor.After), PageSize, withDocuments: true, withRemoved: false, cancellationToken);
            foreach (var entity in page.Entities)
            {
                if (await DealWithAsync(cursor, entity, cancellationToken) is not { } next)
                    return false;
                cursor = next;
            }

            // What met no condition at the end of the page need not be looked at again.
            if (await StoreAsync(cursor with { After = page.Next ?? cursor.After, IsDone = page.Next is null }, [], cancellationToken) is not { } behind)
                return false;
            cursor = behind;
        }

        return true;
    }

    private async Task<bool> IsRunningAsync(CancellationToken cancellationToken)
    {
        var present = await access.ReadAsync(BulkKind.JobKey(id), cancellationToken);
        return present.Document is { } document && BulkJob.StateOf(UserEntities.Decode(document)) == BulkState.Running;
    }

    /// <returns>Where the job is then; null when somebody else goes on with it.</returns>
    private async Task<BulkCursor?> DealWithAsync(BulkCursor cursor, ScannedEntity entity, CancellationToken cancellationToken)
    {
        var entityId = entity.Key.Id;
        if (entity.Document is not { } seen)
            return await StoreAsync(cursor.Refuse(entityId, ErrorCodes.Quarantined), [], cancellationToken);
        var (version, document) = (entity.Version, UserEntities.Decode(seen.ToArray()));
        var code = ErrorCodes.VersionMismatch;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (!job.Matches(document))
                return cursor;
            await Task.Delay(TimeSpan.FromSeconds(1.0 / job.PerSecond), time, cancellationToken);
            var changed = cursor with { After = entityId, Changed = cursor.Changed + 1 };
            var refusal = await access.SubmitAsync(_writer, [job.MutationOf(entity.Key, version), changed.Store()], cancellationToken);
            if (refusal is null)
                return changed with { Version = cursor.Version + 1 };
            if (refusal.Mutation == 1)
                return null;
            code = RequestErrors.From(refusal).Code;
            if (refusal.Code == RefusalCode.SessionRequired && job.Message is { } message)
                return await LeaveMessageAsync(cursor, entity.Key, message, cancellationToken);
            if (refusal.Code != RefusalCode.VersionMismatch)
                break;

            // It has changed since: is it still to be?
            var (present, unread) = await access.TryReadAsync(entity.Key, withSupplement: false, cancellationToken);
            if (unread is null && present.Document is null)
                return cursor;
            if (unread is not null)
            {
                code = RequestErrors.From(unread).Code;
                break;
            }

            (version, document) = (present.Version, UserEntities.Decode(present.Document!));
        }

        return await StoreAsync(cursor.Refuse(entityId, code), [], cancellationToken);
    }

    private async Task<BulkCursor?> LeaveMessageAsync(BulkCursor cursor, EntityKey key, Document message, CancellationToken cancellationToken)
    {
        var left = cursor with { After = key.Id, Messaged = cursor.Messaged + 1 };
        var leaving = new Mutation { Key = key, Kind = MutationKind.Message, Payload = message.ToBytes() };
        var refusal = await access.SubmitAsync(_writer, [leaving, left.Store()], cancellationToken);
        if (refusal is null)
            return left with { Version = cursor.Version + 1 };
        return refusal.Mutation == 1 ? null : await StoreAsync(cursor.Refuse(key.Id, RequestErrors.From(refusal).Code), [], cancellationToken);
    }

    private async Task<BulkCursor?> StoreAsync(BulkCursor cursor, Mutation[] with, CancellationToken cancellationToken)
    {
        var refusal = await access.SubmitAsync(_writer, [.. with, cursor.Store()], cancellationToken);
        return refusal?.Code switch
        {
            null => cursor with { Version = cursor.Version + 1 },
            RefusalCode.VersionMismatch => null,
            _ => throw new RefusedException(refusal),
        };
    }
}
