using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Modules.DataRights;

/// <summary>The engine's calls as tasks. What is refused for a passing reason is tried again for a while.</summary>
internal sealed class EngineAccess(IStateEngine engine, KindRegistry kinds, EngineOptions options, TimeProvider time)
{
    private const int Attempts = 6;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    public KindRegistry Kinds => kinds;

    public int ShardCount => options.ShardCount;

    public DateTimeOffset Now => time.GetUtcNow();

    public int ShardOf(EntityKey key) => kinds.TryGet(key.Kind, out var kind)
        ? ShardHash.ShardOf(kind.Owner(key.Id), options.ShardCount)
        : throw new RefusedException(new Refusal(RefusalCode.UnknownKind) { Key = key });

    /// <exception cref="RefusedException">It was refused for a reason that can pass, and did not.</exception>
    public async Task<(EntitySnapshot Snapshot, Refusal? Refusal)> TryReadAsync(EntityKey key, bool withSupplement, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var reading = new Reading { Key = key, WithSupplement = withSupplement };
            engine.Read(reading);
            await reading.Task.WaitAsync(cancellationToken);
            if (reading.Refusal is not { IsTransient: true } refusal)
                return (reading.Snapshot, reading.Refusal);
            await PauseOrThrowAsync(refusal, attempt, cancellationToken);
        }
    }

    /// <exception cref="RefusedException">It can't be read.</exception>
    public async Task<EntitySnapshot> ReadAsync(EntityKey key, CancellationToken cancellationToken)
    {
        var (snapshot, refusal) = await TryReadAsync(key, withSupplement: false, cancellationToken);
        return refusal is null ? snapshot : throw new RefusedException(refusal);
    }

    /// <exception cref="RefusedException">It can't be listed.</exception>
    public async Task<ScanPage> ScanAsync(int shard, EntityKey after, int limit, bool withDocuments, bool withRemoved, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var scan = new Scan { Shard = shard, Key = after, Limit = limit, WithDocuments = withDocuments, WithRemoved = withRemoved };
            engine.Read(scan);
            await scan.Task.WaitAsync(cancellationToken);
            if (scan.Page is not null)
                return scan.Page;
            await PauseOrThrowAsync(scan.Refusal!, attempt, cancellationToken);
        }
    }

    /// <summary>A page of an entity's versions, newest first; null where there are none to be seen.</summary>
    public async Task<VersionPage?> VersionsAsync(EntityKey key, VersionPosition from, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var listing = new Listing { Key = key, Position = from };
            engine.Read(listing);
            await listing.Task.WaitAsync(cancellationToken);
            if (listing.Page is not null || listing.Refusal is { Code: RefusalCode.NotFound or RefusalCode.VersionNotFound })
                return listing.Page;
            await PauseOrThrowAsync(listing.Refusal!, attempt, cancellationToken);
        }
    }

    /// <summary>Submits a unit, exactly once however often it has to be tried. Its mutations get their results.</summary>
    /// <returns>Why it was refused; null when it is done.</returns>
    /// <exception cref="RefusedException">It was refused for a reason that did not pass.</exception>
    public async Task<Refusal?> SubmitAsync(OperationWriter writer, Mutation[] mutations, CancellationToken cancellationToken)
    {
        var request = writer.Next();
        for (var attempt = 1; ; attempt++)
        {
            var unit = new TaskUnit
            {
                Mutations = [.. mutations],
                Writer = writer.Id,
                Request = request,
                ReceivedThrough = request - 1,
                Fingerprint = writer.Fingerprint,
                Actor = writer.Actor,
                Reason = writer.Reason,
            };
            engine.Submit(unit);

            // Once it is on its way, only its outcome lets the next one begin.
            if (await unit.Task is not { } refusal)
            {
                for (var i = 0; i < mutations.Length; i++)
                    mutations[i].ResultVersion = unit.Mutations[i].ResultVersion;
                return null;
            }

            if (!refusal.IsTransient && refusal.Code != RefusalCode.OutcomeUnknown)
                return refusal;
            await PauseOrThrowAsync(refusal, attempt, cancellationToken);
        }
    }

    private async Task PauseOrThrowAsync(Refusal refusal, int attempt, CancellationToken cancellationToken)
    {
        if (attempt >= Attempts || !(refusal.IsTransient || refusal.Code == RefusalCode.OutcomeUnknown))
            throw new RefusedException(refusal);
        await Task.Delay(FirstPause * (1 << (attempt - 1)), time, cancellationToken);
    }

    private sealed class Reading : EntityReading
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public EntitySnapshot Snapshot { get; private set; }

        public Refusal? Refusal { get; private set; }

        protected override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
        {
            (Snapshot, Refusal) = (snapshot, refusal);
            _done.SetResult();
        }
    }

    private sealed class Scan : EntityScan
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public ScanPage? Page { get; private set; }

        public Refusal? Refusal { get; private set; }

        protected override void Completed(ScanPage? page, Refusal? refusal)
        {
            (Page, Refusal) = (page, refusal);
            _done.SetResult();
        }
    }

    private sealed class Listing : VersionListing
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public VersionPage? Page { get; private set; }

        public Refusal? Refusal { get; private set; }

        protected override void Completed(VersionPage? page, Refusal? refusal)
        {
            (Page, Refusal) = (page, refusal);
            _done.SetResult();
        }
    }

    private sealed class TaskUnit : Unit
    {
        private readonly TaskCompletionSource<Refusal?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Refusal?> Task => _done.Task;

        protected override void Completed(Refusal? refusal) => _done.SetResult(refusal);
    }
}
