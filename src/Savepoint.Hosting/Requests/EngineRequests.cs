using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Hosting.Calls;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.Errors;
using Savepoint.Streams.Requests;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// Asks the engine on behalf of a principal: checks what it may do, waits for the answer, and turns refusals into errors. Every call ends: what is late
/// (<see cref="EngineCalls.AnswerWithin"/>) is answered with an error that says whether it may have taken effect. May be used by several requests at once.
/// </summary>
/// <param name="calls">The engine's calls.</param>
/// <param name="authorizer">Says what the principal may do.</param>
/// <param name="kinds">The kinds, which say in which shard an entry of the audit log belongs.</param>
/// <param name="time">The clock.</param>
public sealed class EngineRequests(EngineCalls calls, IAuthorizer authorizer, KindRegistry kinds, TimeProvider time)
{
    /// <summary>
    /// Submits mutations that take effect together or not at all. With a rollback by a service or an admin goes an entry of the audit log, which counts as one
    /// more mutation. Reasons are not for players to choose: the ledger would be theirs to fill. An intent that comes without one, or of a player, has its name.
    /// </summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="mutations">The mutations; they get their result versions, and documents where these are wanted.</param>
    /// <param name="terms">What else there is to say of them; null for nothing.</param>
    /// <param name="cancellationToken">Ends the wait; the unit may take effect all the same.</param>
    /// <returns>Why nothing was done, or that nobody knows; null when all of it is committed.</returns>
    public Task<Error?> SubmitAsync(Principal principal, Mutation[] mutations, UnitTerms? terms, CancellationToken cancellationToken)
    {
        for (var i = 0; i < mutations.Length; i++)
        {
            if (authorizer.Submit(principal, mutations[i]) is { } denial)
                return Task.FromResult<Error?>(RequestErrors.From(denial, mutations[i].Key, i));
        }

        return CarryOutAsync(principal, mutations, terms, UnitReason.Of(principal, terms?.Reason, mutations), cancellationToken);
    }

    /// <summary>
    /// As <see cref="SubmitAsync"/>, but nobody is asked whether the principal may: for what a module has decided itself, such as changes of what nobody else may
    /// change.
    /// </summary>
    /// <inheritdoc cref="SubmitAsync"/>
    public Task<Error?> SubmitUncheckedAsync(Principal principal, Mutation[] mutations, UnitTerms? terms, CancellationToken cancellationToken) =>
        CarryOutAsync(principal, mutations, terms, terms?.Reason, cancellationToken);

    private async Task<Error?> CarryOutAsync(Principal principal, Mutation[] mutations, UnitTerms? terms, string? reason, CancellationToken cancellationToken)
    {
        var unit = new AwaitedUnit { Mutations = AuditedChange.With(mutations, principal, terms, kinds, time), Actor = principal.Actor, Reason = reason, CorrelationId = terms?.CorrelationId };
        if (terms?.IdempotencyKey is { } key)
        {
            unit.Writer = IdempotencyKey.WriterOf(principal, key);
            unit.Request = terms.BatchPart is { } part ? BatchPart.Number(1, part) : 1;
            unit.Fingerprint = terms.Fingerprint ?? IdempotencyKey.FingerprintOf(mutations, terms.Reason);
        }

        try
        {
            if (await calls.SubmitAsync(unit, cancellationToken) is { } refusal)
                return RequestErrors.From(refusal, principal);
            for (var i = 0; i < mutations.Length; i++)
                (mutations[i].ResultVersion, mutations[i].ResultDocument) = (unit.Mutations[i].ResultVersion, VisibleOf(principal, unit.Mutations[i]));
            return null;
        }
        catch (TimeoutException)
        {
            return RequestErrors.OutcomeUnknown("No answer came in time: the change may take effect, or not.");
        }
    }

    /// <summary>Reads an entity, as far as the principal may see it.</summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="key">The entity.</param>
    /// <param name="version">The version; 0 for the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state; its version is 0 when the entity never existed, its document null when it does not exist. Or why it can't be read.</returns>
    public Task<(EntitySnapshot Snapshot, Error? Error)> ReadAsync(Principal principal, EntityKey key, long version, CancellationToken cancellationToken) =>
        ReadAsync(principal, key, version, knownVersion: 0, cancellationToken);

    /// <summary>Reads an entity's newest state unless it is one that the principal has already.</summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="key">The entity.</param>
    /// <param name="knownVersion">The version that it has; 0 for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>As the other; <see cref="EntitySnapshot.IsKnown"/> where the entity is still at that version.</returns>
    public Task<(EntitySnapshot Snapshot, Error? Error)> ReadNewerAsync(Principal principal, EntityKey key, long knownVersion, CancellationToken cancellationToken) =>
        ReadAsync(principal, key, version: 0, knownVersion, cancellationToken);

    private async Task<(EntitySnapshot Snapshot, Error? Error)> ReadAsync(Principal principal, EntityKey key, long version, long knownVersion, CancellationToken cancellationToken)
    {
        if ((version == 0 ? authorizer.Read(principal, key) : authorizer.ReadHistory(principal, key)) is { } denial)
            return (default, RequestErrors.From(denial, key));
        try
        {
            var (snapshot, refusal) = await calls.ReadAsync(new AwaitedReading { Key = key, Version = version, KnownVersion = knownVersion }, cancellationToken);
            if (refusal is not null)
                return (default, RequestErrors.From(refusal, principal, key));
            return (snapshot.Document is { } document && authorizer.Visible(principal, key) is { } visible ? snapshot with { Document = visible.Apply(document) } : snapshot, null);
        }
        catch (TimeoutException)
        {
            return (default, Late());
        }
    }

    /// <summary>Lists versions of an entity.</summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="listing">What to list; it is for one call.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A page, or why there is none.</returns>
    /// <exception cref="InvalidOperationException">It was asked for before.</exception>
    public async Task<(VersionPage? Page, Error? Error)> ListAsync(Principal principal, AwaitedListing listing, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(listing);
        if (authorizer.ReadHistory(principal, listing.Key) is { } denial)
            return (null, RequestErrors.From(denial, listing.Key));
        try
        {
            var (page, refusal) = await calls.ListAsync(listing, cancellationToken);
            return (page, refusal is null ? null : RequestErrors.From(refusal, principal, listing.Key));
        }
        catch (TimeoutException)
        {
            return (null, Late());
        }
    }

    // The document is the asker's own copy.
    private Document? VisibleOf(Principal principal, in Mutation mutation)
    {
        if (mutation.ResultDocument is not { } document || authorizer.Read(principal, mutation.Key) is not null)
            return null;
        authorizer.Visible(principal, mutation.Key)?.Apply(document);
        return document;
    }

    private static Error Late() => RequestErrors.Transient(ErrorCodes.LoadTimeout, "No answer came in time.");
}
