using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Hosting.Calls;

namespace Savepoint.Modules.DataRights;

/// <summary>
/// The engine's calls for operations of many steps: each waits for its answer for as long as that takes, and what is refused for a passing reason is tried again for a
/// while.
/// </summary>
internal sealed class EngineAccess(IStateEngine engine, KindRegistry kinds, EngineOptions options, TimeProvider time)
{
    private const int Attempts = 6;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly EngineCalls _calls = new(engine, time) { AnswerWithin = Timeout.InfiniteTimeSpan };

    public KindRegistry Kinds => kinds;

    public int ShardCount => options.ShardCount;

    public DateTimeOffset Now => time.GetUtcNow();

    public int ShardOf(EntityKey key) => kinds.TryGet(key.Kind, out var kind)
        ? ShardHash.ShardOf(kind.Owner(key.Id), options.ShardCount)
        : throw new RefusedException(new Refusal(RefusalCode.UnknownKind) { Key = key });

    /// <returns>The state, or why it can't be read.</returns>
    /// <exception cref="RefusedException">It was refused for a reason that can pass, and did not.</exception>
    public Task<(EntitySnapshot Snapshot, Refusal? Refusal)> TryReadAsync(EntityKey key, bool withSupplement, CancellationToken cancellationToken) => RetryAsync(
        () => _calls.ReadAsync(new AwaitedReading { Key = key, WithSupplement = withSupplement }, cancellationToken), static refusal => refusal.IsTransient, cancellationToken);

    /// <exception cref="RefusedException">It can't be read.</exception>
    public async Task<EntitySnapshot> ReadAsync(EntityKey key, CancellationToken cancellationToken)
    {
        var (snapshot, refusal) = await TryReadAsync(key, withSupplement: false, cancellationToken);
        return refusal is null ? snapshot : throw new RefusedException(refusal);
    }

    /// <exception cref="RefusedException">It can't be listed.</exception>
    public async Task<ScanPage> ScanAsync(int shard, EntityKey after, int limit, bool withDocuments, bool withRemoved, CancellationToken cancellationToken)
    {
        var (page, refusal) = await RetryAsync(
            () => _calls.ScanAsync(new AwaitedScan { Shard = shard, Key = after, Limit = limit, WithDocuments = withDocuments, WithRemoved = withRemoved }, cancellationToken),
            CanPass,
            cancellationToken);
        return page ?? throw new RefusedException(refusal!);
    }

    /// <summary>A page of an entity's versions, newest first; null where there are none to be seen.</summary>
    /// <exception cref="RefusedException">They can't be listed.</exception>
    public async Task<VersionPage?> VersionsAsync(EntityKey key, VersionPosition from, CancellationToken cancellationToken)
    {
        var (page, refusal) = await RetryAsync(
            () => _calls.ListAsync(new AwaitedListing { Key = key, Position = from }, cancellationToken), CanPass, cancellationToken);
        return refusal is null or { Code: RefusalCode.NotFound or RefusalCode.VersionNotFound } ? page : throw new RefusedException(refusal);
    }

    /// <summary>
    /// Submits a unit, exactly once however often it has to be tried. Its mutations get their results. Once it is on its way, only its outcome lets the next one begin.
    /// </summary>
    /// <param name="writer">Numbers it.</param>
    /// <param name="mutations">The mutations.</param>
    /// <param name="cancellationToken">Ends the pause before the next attempt, not an attempt that is under way.</param>
    /// <returns>Why it was refused; null when it is done.</returns>
    /// <exception cref="RefusedException">It was refused for a reason that did not pass.</exception>
    public async Task<Refusal?> SubmitAsync(OperationWriter writer, Mutation[] mutations, CancellationToken cancellationToken)
    {
        var request = writer.Next();
        var (unit, refusal) = await RetryAsync(() => AttemptAsync(writer, request, mutations), CanPass, cancellationToken);
        if (refusal is not null)
            return refusal;
        for (var i = 0; i < mutations.Length; i++)
            mutations[i].ResultVersion = unit.Mutations[i].ResultVersion;
        return null;
    }

    private async ValueTask<(AwaitedUnit Unit, Refusal? Refusal)> AttemptAsync(OperationWriter writer, long request, Mutation[] mutations)
    {
        var unit = new AwaitedUnit
        {
            Mutations = [.. mutations],
            Writer = writer.Id,
            Request = request,
            ReceivedThrough = request - 1,
            Fingerprint = writer.Fingerprint,
            Actor = writer.Actor,
            Reason = writer.Reason,
        };
        return (unit, await _calls.SubmitAsync(unit, CancellationToken.None));
    }

    private async Task<(T Answer, Refusal? Refusal)> RetryAsync<T>(
        Func<ValueTask<(T Answer, Refusal? Refusal)>> attemptAsync, Func<Refusal, bool> canPass, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (answer, refusal) = await attemptAsync();
            if (refusal is null || !canPass(refusal))
                return (answer, refusal);
            if (attempt == Attempts)
                throw new RefusedException(refusal);
            await Task.Delay(FirstPause * (1 << (attempt - 1)), time, cancellationToken);
        }
    }

    /// <summary>Whether the next attempt may hear something else. Of what nobody knows it hears the outcome.</summary>
    private static bool CanPass(Refusal refusal) => refusal.IsTransient || refusal.Code == RefusalCode.OutcomeUnknown;
}
