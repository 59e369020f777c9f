using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.Problems;
using Savepoint.Streams.Errors;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Accounts.Requests;

/// <summary>
/// The engine's calls, past the authorizer: what accounts keep is for nobody's eyes, and this module alone decides what of it is told to whom. In a cluster
/// the engine brings each to the owner of its shard.
/// </summary>
internal sealed class AccountEngine(EngineCalls calls)
{
    /// <summary>Submits a unit.</summary>
    /// <returns>Why it was refused, where that says something of the request; null when it is committed.</returns>
    /// <exception cref="ProblemException">It was refused for a reason that says nothing of the request, or nobody knows whether it was carried out.</exception>
    public Task<Refusal?> SubmitAsync(AwaitedUnit unit, CancellationToken cancellationToken)
    {
        calls.Post(unit);
        return OutcomeAsync(unit, cancellationToken);
    }

    /// <summary>Submits a unit whose outcome nobody waits for yet.</summary>
    public void Post(AwaitedUnit unit) => calls.Post(unit);

    /// <summary>Waits for the outcome of a unit that was submitted.</summary>
    /// <returns>As <see cref="SubmitAsync"/>.</returns>
    /// <exception cref="ProblemException">As <see cref="SubmitAsync"/>.</exception>
    public async Task<Refusal?> OutcomeAsync(AwaitedUnit unit, CancellationToken cancellationToken)
    {
        try
        {
            if (await unit.OutcomeAsync(cancellationToken) is not { } refusal)
                return null;
            return refusal.Code is RefusalCode.IntentRefused or RefusalCode.VersionMismatch or RefusalCode.NotFound or RefusalCode.RequestReused
                ? refusal
                : throw Problem(refusal);
        }
        catch (TimeoutException)
        {
            throw new ProblemException(RequestErrors.OutcomeUnknown("No answer came in time: the change may take effect, or not."));
        }
    }

    /// <summary>Reads an entity as it is now.</summary>
    /// <exception cref="ProblemException">It can't be read now.</exception>
    public async Task<(Document? Document, long Version)> ReadAsync(EntityKey key, CancellationToken cancellationToken)
    {
        try
        {
            var (snapshot, refusal) = await calls.ReadAsync(new AwaitedReading { Key = key }, cancellationToken);
            return refusal is null ? (Decode(snapshot.Document), snapshot.Version) : throw Problem(refusal);
        }
        catch (TimeoutException)
        {
            throw Late();
        }
    }

    /// <summary>Whether an entity that is no more was erased, and not merely removed, as by a repair. Where that can't be found out now, it counts as removed.</summary>
    /// <param name="key">The entity.</param>
    /// <param name="version">The version at which it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> IsErasedAsync(EntityKey key, long version, CancellationToken cancellationToken)
    {
        if (version <= 1)
            return false;
        try
        {
            return (await calls.ReadAsync(new AwaitedReading { Key = key, Version = version - 1 }, cancellationToken)).Refusal is { Code: RefusalCode.VersionNotFound, Detail: EntityReading.Erased };
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Lists the entities of a kind in a shard, with their documents, behind an id.</summary>
    /// <exception cref="ProblemException">They can't be listed now.</exception>
    public async Task<ScanPage> ScanAsync(int shard, EntityKey after, CancellationToken cancellationToken)
    {
        var scan = new AwaitedScan { Shard = shard, Key = after, Limit = EntityScan.MaxLimit, WithDocuments = true };
        try
        {
            var (page, refusal) = await calls.ScanAsync(scan, cancellationToken);
            return page ?? throw Problem(refusal!);
        }
        catch (TimeoutException)
        {
            throw Late();
        }
    }

    /// <summary>What a mutation made of its document; it is read where the engine can't say.</summary>
    /// <param name="mutation">The mutation, which was carried out and wants its document.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Document?> ResultAsync(Mutation mutation, CancellationToken cancellationToken) =>
        mutation.ResultDocument ?? (await ReadAsync(mutation.Key, cancellationToken)).Document;

    public static Document? Decode(byte[]? document) => document is null ? null : Document.Decode(document, DocumentLimits.Widest);

    /// <summary>What a refusal says to a caller: nothing of the entities that are behind accounts.</summary>
    public static ProblemException Problem(Refusal refusal) =>
        new(RequestErrors.From(refusal with { Key = default, Detail = null, Path = null, Holder = null, Mutation = 0, CurrentVersion = 0, ExpectedVersion = 0 }));

    private static ProblemException Late() => new(RequestErrors.Overloaded("No answer came in time."));
}
