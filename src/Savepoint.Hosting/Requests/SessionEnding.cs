using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.Errors;
using Mutation = Savepoint.Engine.Units.Mutation;
using SessionConflictPolicy = Savepoint.Engine.Sessions.SessionConflictPolicy;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// Ends whatever session somebody holds on an entity. 1: the session is stolen, so that its holder learns of it at once and nothing that it still sends has an
/// effect. 2: the stolen one is ended, which goes to the audit log in the same unit, and whoever waits gets the next. A caller who goes away in between stops neither. Should this process die in between, the stolen one ends with its lease.
/// </summary>
/// <param name="calls">The engine's calls.</param>
/// <param name="authorizer">Says who may.</param>
/// <param name="kinds">The kinds, which say in which shard an entry of the audit log belongs.</param>
/// <param name="time">The clock.</param>
public sealed class SessionEnding(EngineCalls calls, IAuthorizer authorizer, KindRegistry kinds, TimeProvider time)
{
    /// <summary>Ends the session. It takes no token: half of it would leave a session that nobody uses until its lease ends.</summary>
    /// <param name="principal">Who asks; its actor is named to the former holder.</param>
    /// <param name="key">The entity.</param>
    /// <param name="terms">What else there is to say of it; null for nothing. A key for repetitions is not looked at: ending what has ended does nothing.</param>
    /// <returns>Why not; null when it has ended. <see cref="ErrorCodes.NotFound"/>: nobody held one.</returns>
    public async Task<Error?> EndAsync(Principal principal, EntityKey key, UnitTerms? terms)
    {
        if (authorizer.OpenSession(principal, key, template: default) is { } denial)
            return RequestErrors.From(denial, key);
        var thief = new BriefSession { Key = key, Name = principal.Actor, Writer = Guid.NewGuid(), Request = 1, Policy = SessionConflictPolicy.Steal, OnlyIfHeld = true };
        try
        {
            var opening = await calls.OpenSessionAsync(thief, CancellationToken.None);
            if (opening.Refusal is not null)
                return RequestErrors.From(opening.Refusal, key);
            Mutation[] ending = [new Mutation { Key = key, Kind = MutationKind.EndSession, Session = opening.Session }];
            var end = new AwaitedUnit
            {
                Actor = principal.Actor,
                Reason = terms?.Reason,
                CorrelationId = terms?.CorrelationId,
                Writer = thief.Writer,
                Request = 2,
                ReceivedThrough = 1,
                Mutations = AuditedChange.With(ending, principal, terms, kinds, time),
            };
            return await calls.SubmitAsync(end, CancellationToken.None) is { } refusal ? RequestErrors.From(refusal, key) : null;
        }
        catch (TimeoutException)
        {
            return RequestErrors.OutcomeUnknown("No answer came in time: the session may end, or not.");
        }
        finally
        {
            calls.Disconnect(thief);
        }
    }
}
