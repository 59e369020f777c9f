using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Audit;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;

namespace Savepoint.Modules.DataRights.Bulk;

/// <summary>What is known of a job.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Job">What it does.</param>
/// <param name="State">How it stands.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="Changed">Entities that it has changed.</param>
/// <param name="Messaged">Entities that it has left a message for instead.</param>
/// <param name="Refused">Entities that it could not change.</param>
/// <param name="ShardsDone">How many shards it has gone through.</param>
/// <param name="Errors">The first refusals of each shard: the entity's id and the error's code, as any caller would get it.</param>
public sealed record BulkProgress(
    string Id, BulkJob Job, BulkState State, DateTimeOffset StartedAt, long Changed, long Messaged, long Refused, int ShardsDone, IReadOnlyList<(string Id, string Code)> Errors);

/// <summary>Changes all entities of a kind that meet conditions, each exactly once, over crashes and moves of shards. Its members may be used by several at once.</summary>
public sealed class BulkEdits
{
    private readonly EngineAccess _access;
    private readonly TimeProvider _time;
    private readonly AuditTrail _audit;

    /// <summary>Makes it.</summary>
    /// <param name="engine">What takes requests.</param>
    /// <param name="kinds">The kinds that the engine was made with, <c>sp-bulk</c> among them.</param>
    /// <param name="options">Say how many shards there are.</param>
    /// <param name="time">The clock.</param>
    public BulkEdits(IStateEngine engine, KindRegistry kinds, EngineOptions options, TimeProvider time)
    {
        _access = new EngineAccess(engine, kinds, options, time);
        _time = time;
        _audit = new AuditTrail(_access);
    }

    /// <summary>Called when a job was started or resumed here. The default value does nothing.</summary>
    internal Action Woken { get; set; } = static () => { };

    /// <summary>Starts a job; a runner goes on with it. It is audited in the same unit.</summary>
    /// <returns>The job's id.</returns>
    /// <exception cref="ArgumentException">The job can't be; the message says why.</exception>
    /// <exception cref="RefusedException">It can't be started.</exception>
    public async Task<string> StartAsync(BulkJob job, Requester by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(by);
        if (Fault(job) is { } fault)
            throw new ArgumentException(fault, nameof(job));
        var id = Guid.NewGuid().ToString("N");
        var document = (job with { Actor = by.Actor }).ToDocument(BulkState.Running, _access.Now);
        var delta = new DeltaWriter();
        foreach (var (key, value) in document.Root)
            delta.Set(Documents.Path.Root.Child(key), value);
        var create = new Mutation { Key = BulkKind.JobKey(id), Kind = MutationKind.Delta, Payload = delta.ToArray(), ExpectedVersion = 0 };
        await SubmitAsync(by, [create, Entry(id, by, "bulk.start", document)], cancellationToken);
        Woken();
        return id;
    }

    /// <summary>Pauses, resumes or gives up a job. It is audited in the same unit.</summary>
    /// <returns>False when there is no such job, or it is over.</returns>
    /// <exception cref="RefusedException">It can't be done.</exception>
    public async Task<bool> SetStateAsync(string id, BulkState state, Requester by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(by);
        while (true)
        {
            var job = await _access.ReadAsync(BulkKind.JobKey(id), cancellationToken);
            if (job.Document is null || BulkJob.StateOf(UserEntities.Decode(job.Document)) is BulkState.Cancelled or BulkState.Done)
                return false;
            var refusal = await TrySetAsync(id, job.Version, state, by, "bulk." + state.ToString().ToLowerInvariant(), null, cancellationToken);
            if (refusal is null)
            {
                Woken();
                return true;
            }

            if (refusal.Code != RefusalCode.VersionMismatch)
                throw new RefusedException(refusal);
        }
    }

    /// <summary>How a job stands; null when there is none.</summary>
    /// <exception cref="RefusedException">It can't be read.</exception>
    public async Task<BulkProgress?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var stored = await _access.ReadAsync(BulkKind.JobKey(id), cancellationToken);
        if (stored.Document is null || !BulkKind.IsJob(stored.Key))
            return null;
        var document = UserEntities.Decode(stored.Document);
        var progress = new BulkProgress(id, BulkJob.From(document), BulkJob.StateOf(document), document.Root["startedAt"].AsTimestamp(), 0, 0, 0, 0, []);
        for (var shard = 0; shard < _access.ShardCount; shard++)
        {
            var key = BulkKind.CursorKey(id, shard, _access.ShardCount);
            var read = await _access.ReadAsync(key, cancellationToken);
            var cursor = BulkCursor.From(key, read.Version, read.Document);
            progress = progress with
            {
                Changed = progress.Changed + cursor.Changed,
                Messaged = progress.Messaged + cursor.Messaged,
                Refused = progress.Refused + cursor.Refused,
                ShardsDone = progress.ShardsDone + (cursor.IsDone ? 1 : 0),
                Errors = [.. progress.Errors, .. cursor.Errors],
            };
        }

        return progress;
    }

    /// <summary>The ids of all jobs, with their states.</summary>
    /// <exception cref="RefusedException">They can't be read.</exception>
    public async Task<IReadOnlyList<(string Id, BulkState State)>> ListAsync(CancellationToken cancellationToken)
    {
        var jobs = new List<(string, BulkState)>();
        for (var shard = 0; shard < _access.ShardCount; shard++)
        {
            for (var after = ""; after is not null;)
            {
                var page = await _access.ScanAsync(shard, new EntityKey(BulkKind.Name, after), 1_000, withDocuments: true, withRemoved: false, cancellationToken);
                foreach (var entity in page.Entities)
                {
                    if (BulkKind.IsJob(entity.Key) && entity.Document is { } document)
                        jobs.Add((entity.Key.Id, BulkJob.StateOf(UserEntities.Decode(document.ToArray()))));
                }

                after = page.Next;
            }
        }

        return jobs;
    }

    /// <summary>Goes on with a job until it is done, paused, or somebody else goes on with it.</summary>
    /// <returns>Whether it is over.</returns>
    /// <exception cref="RefusedException">A step was refused, and trying again did not help; it can be gone on with later.</exception>
    public async Task<bool> GoOnAsync(string id, CancellationToken cancellationToken)
    {
        var stored = await _access.ReadAsync(BulkKind.JobKey(id), cancellationToken);
        if (stored.Document is null)
            return true;
        var job = BulkJob.From(UserEntities.Decode(stored.Document));
        if (!await new BulkRun(_access, _time, id, job).GoOnAsync(cancellationToken))
            return false;
        var progress = (await FindAsync(id, cancellationToken))!;
        var outcome = new MapBuilder { { "changed", progress.Changed }, { "messaged", progress.Messaged }, { "refused", progress.Refused } };
        var refusal = await TrySetAsync(id, stored.Version, BulkState.Done, new Requester(job.Actor), "bulk.done", new Document(outcome.Build()), cancellationToken);
        return refusal is null;
    }

    private Task<Refusal?> TrySetAsync(
        string id, long version, BulkState state, Requester by, string action, Document? outcome, CancellationToken cancellationToken)
    {
        var delta = new DeltaWriter();
        delta.Set("state", state.ToString());
        var set = new Mutation { Key = BulkKind.JobKey(id), Kind = MutationKind.Delta, Payload = delta.ToArray(), ExpectedVersion = version };
        return _access.SubmitAsync(new OperationWriter(by.Actor, by.Reason), [set, Entry(id, by, action, outcome)], cancellationToken);
    }

    private async Task SubmitAsync(Requester by, Mutation[] mutations, CancellationToken cancellationToken)
    {
        if (await _access.SubmitAsync(new OperationWriter(by.Actor, by.Reason), mutations, cancellationToken) is { } refusal)
            throw new RefusedException(refusal);
    }

    private Mutation Entry(string id, Requester by, string action, Document? outcome) =>
        _audit.Write(id, new AuditEntry(by.Actor, action, "bulk/" + id) { Address = by.Address, Reason = by.Reason, After = outcome });

    private string? Fault(BulkJob job)
    {
        if (!_access.Kinds.TryGet(job.Kind, out var kind) || kind.IsOwnedBySavepoint)
            return $"There is no kind '{job.Kind}' of a game.";
        if (job.PerSecond is < 1 or > 10_000)
            return "It changes 1 to 10,000 entities in a second.";
        if (job.Conditions.Any(condition => !BulkCondition.Operators.Contains(condition.Operator) || !Documents.Path.TryParse(condition.Path, out _)))
            return $"A condition has a path, and one of {string.Join(' ', BulkCondition.Operators)}.";
        if (job.Intent is { } intent)
            return kind.Intents.ContainsKey(intent) ? null : $"The kind '{job.Kind}' has no intent '{intent}'.";
        return Delta.Validate(job.Delta.Span, kind.Limits) == DocumentError.None ? null : "The delta is none, or breaks the limits of the kind.";
    }
}
