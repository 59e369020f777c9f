using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.Errors;
using Savepoint.Streams.Requests;
using Mutation = Savepoint.Engine.Units.Mutation;
using VersionPosition = Savepoint.Engine.Reading.VersionPosition;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// Asks the engine on behalf of a principal: checks what it may do, waits for the answer, and turns refusals into errors. Every call ends: what takes longer than
/// <see cref="AnswerWithin"/> is answered with an error that says whether it may have taken effect. May be used by several requests at once.
/// </summary>
/// <param name="engine">Takes the requests.</param>
/// <param name="authorizer">Says what the principal may do.</param>
/// <param name="kinds">The kinds, which say in which shard an entry of the audit log belongs.</param>
/// <param name="time">The clock.</param>
public sealed class EngineRequests(IStateEngine engine, IAuthorizer authorizer, KindRegistry kinds, TimeProvider time)
{
    private static readonly TimeSpan DefaultAnswerWithin = TimeSpan.FromSeconds(30);

    private readonly PendingAnswers _answers = new(DefaultAnswerWithin, time);

    /// <summary>How long an answer is waited for, to the second. The default value is 30 seconds, more than the engine takes for anything by itself.</summary>
    public TimeSpan AnswerWithin
    {
        get => _answers.Within;
        init => _answers = new PendingAnswers(value, time);
    }

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
        var unit = new AwaitedUnit(_answers) { Mutations = AuditedChange.With(mutations, principal, terms, kinds, time), Actor = principal.Actor, Reason = reason, CorrelationId = terms?.CorrelationId };
        if (terms?.IdempotencyKey is { } key)
        {
            unit.Writer = IdempotencyKey.WriterOf(principal, key);
            unit.Request = terms.BatchPart is { } part ? BatchPart.Number(1, part) : 1;
            unit.Fingerprint = terms.Fingerprint ?? IdempotencyKey.FingerprintOf(mutations, terms.Reason);
        }

        engine.Submit(unit);
        try
        {
            if (await unit.Answer.WaitAsync(cancellationToken) is { } refusal)
                return RequestErrors.From(refusal, principal);
            for (var i = 0; i < mutations.Length; i++)
                (mutations[i].ResultVersion, mutations[i].ResultDocument) = (unit.Mutations[i].ResultVersion, VisibleOf(principal, unit.Mutations[i]));
            return null;
        }
        catch (TimeoutException)
        {
            var error = RequestErrors.Of(ErrorCodes.OutcomeUnknown, "No answer came in time: the change may take effect, or not.");
            error.OutcomeUnknown = true;
            return error;
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
        var reading = new AwaitedReading(_answers) { Key = key, Version = version, KnownVersion = knownVersion };
        engine.Read(reading);
        try
        {
            var (snapshot, refusal) = await reading.Answer.WaitAsync(cancellationToken);
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
    /// <param name="query">What to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A page, or why there is none.</returns>
    public async Task<(VersionPage? Page, Error? Error)> ListAsync(Principal principal, VersionPageQuery query, CancellationToken cancellationToken)
    {
        if (authorizer.ReadHistory(principal, query.Key) is { } denial)
            return (null, RequestErrors.From(denial, query.Key));
        var listing = new AwaitedListing(_answers)
        {
            Key = query.Key,
            FromVersion = query.FromVersion,
            ToVersion = query.ToVersion,
            From = query.From,
            Until = query.Until,
            IsOldestFirst = query.IsOldestFirst,
            Limit = query.Limit,
            Position = query.Position,
        };
        engine.Read(listing);
        try
        {
            var (page, refusal) = await listing.Answer.WaitAsync(cancellationToken);
            return (page, refusal is null ? null : RequestErrors.From(refusal, principal, query.Key));
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

    private static Error Late()
    {
        var error = RequestErrors.Overloaded("No answer came in time.");
        error.Code = ErrorCodes.LoadTimeout;
        return error;
    }

    private sealed class AwaitedUnit(PendingAnswers all) : Engine.Units.Unit
    {
        public PendingAnswer<Refusal?> Answer { get; } = new(all);

        protected override void Completed(Refusal? refusal) => Answer.Set(refusal);
    }

    private sealed class AwaitedReading(PendingAnswers all) : EntityReading
    {
        public PendingAnswer<(EntitySnapshot Snapshot, Refusal? Refusal)> Answer { get; } = new(all);

        protected override void Completed(in EntitySnapshot snapshot, Refusal? refusal) => Answer.Set((snapshot, refusal));
    }

    private sealed class AwaitedListing(PendingAnswers all) : VersionListing
    {
        public PendingAnswer<(VersionPage? Page, Refusal? Refusal)> Answer { get; } = new(all);

        protected override void Completed(VersionPage? page, Refusal? refusal) => Answer.Set((page, refusal));
    }
}

/// <summary>What there is to say of a unit beside its mutations.</summary>
public sealed record UnitTerms
{
    /// <summary>Why, for the ledger and the history; at most 64 characters; null for none.</summary>
    public string? Reason { get; init; }

    /// <summary>Ties the change to the request that caused it, over all systems; at most 256 characters; null for none.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>From where it is asked for, for the audit log; null where that is not known.</summary>
    public string? Address { get; init; }

    /// <summary>The caller's own name for the request, so that its repetition has the same outcome; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The place of the unit in its batch, where the key is of that; null where it is of the unit alone.</summary>
    public int? BatchPart { get; init; }

    /// <summary>Stands for the content of the request where that holds a time; null for a hash of all of it.</summary>
    public ulong? Fingerprint { get; init; }
}

/// <summary>Which versions of an entity to list.</summary>
/// <param name="Key">The entity.</param>
public sealed record VersionPageQuery(EntityKey Key)
{
    /// <summary>The lowest version to list; 0 for all.</summary>
    public long FromVersion { get; init; }

    /// <summary>The highest version to list; 0 for all.</summary>
    public long ToVersion { get; init; }

    /// <summary>Lists versions that were made at or after this time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Lists versions that were made before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether to begin with the oldest. By default the newest comes first.</summary>
    public bool IsOldestFirst { get; init; }

    /// <summary>The most versions to list, 1 to 1,000. The default is 100.</summary>
    public int Limit { get; init; } = VersionListing.DefaultLimit;

    /// <summary>Where to go on, as the page before said.</summary>
    public VersionPosition Position { get; init; }
}
