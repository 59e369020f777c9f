using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.Errors;
using EntityMessage = Savepoint.Engine.Sessions.EntityMessage;
using Mutation = Savepoint.Engine.Units.Mutation;
using SessionConflictPolicy = Savepoint.Engine.Sessions.SessionConflictPolicy;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// Ends whatever session somebody holds on an entity. 1: the session is stolen, so that its holder learns of it at once and nothing that it still sends has an
/// effect. 2: the stolen one is ended, and whoever waits gets the next. Should this process die in between, the stolen one ends with its lease.
/// </summary>
/// <param name="engine">Has the sessions.</param>
/// <param name="authorizer">Says who may.</param>
/// <param name="time">The clock.</param>
public sealed class SessionEnding(IStateEngine engine, IAuthorizer authorizer, TimeProvider time)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    /// <summary>Ends the session.</summary>
    /// <param name="principal">Who asks; its actor is named to the former holder.</param>
    /// <param name="key">The entity.</param>
    /// <param name="cancellationToken">Ends the wait; the session may end all the same.</param>
    /// <returns>Why not; null when it has ended. <see cref="ErrorCodes.NotFound"/>: nobody held one.</returns>
    public async Task<Error?> EndAsync(Principal principal, EntityKey key, CancellationToken cancellationToken)
    {
        if (authorizer.OpenSession(principal, key, template: default) is { } denial)
            return RequestErrors.From(denial, key);
        var thief = new Thief { Key = key, Name = principal.Actor, Writer = Guid.NewGuid(), Request = 1, Policy = SessionConflictPolicy.Steal, OnlyIfHeld = true };
        engine.OpenSession(thief);
        try
        {
            var opening = await thief.Opened.WaitAsync(Within, time, cancellationToken);
            if (opening.Refusal is not null)
                return RequestErrors.From(opening.Refusal, key);
            var end = new Ending
            {
                Actor = principal.Actor,
                Writer = thief.Writer,
                Request = 2,
                ReceivedThrough = 1,
                Mutations = [new Mutation { Key = key, Kind = MutationKind.EndSession, Session = opening.Session }],
            };
            engine.Submit(end);
            return await end.Outcome.WaitAsync(Within, time, cancellationToken) is { } refusal ? RequestErrors.From(refusal, key) : null;
        }
        catch (TimeoutException)
        {
            var error = RequestErrors.Of(ErrorCodes.OutcomeUnknown, "No answer came in time: the session may end, or not.");
            error.OutcomeUnknown = true;
            return error;
        }
        finally
        {
            engine.Disconnect(thief);
        }
    }

    private sealed class Thief : SessionHolder
    {
        private readonly TaskCompletionSource<SessionOpening> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<SessionOpening> Opened => _opened.Task;

        protected override void OnOpened(in SessionOpening opening) => _opened.TrySetResult(opening);

        protected override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal)
        {
            // The opening has said all of it.
        }

        protected override void OnChange(in EntityChange change)
        {
            // It holds the session for a moment only.
        }

        protected override void OnLost()
        {
            // The lease ends it.
        }

        protected override void OnRequested(string requester)
        {
            // It ends it anyway.
        }

        protected override void OnEnded(SessionEndReason reason, string? newHolder)
        {
            // Somebody was quicker.
        }

        protected override void OnMessage(EntityMessage message)
        {
            // For the next holder.
        }
    }

    private sealed class Ending : Engine.Units.Unit
    {
        private readonly TaskCompletionSource<Refusal?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Refusal?> Outcome => _outcome.Task;

        protected override void Completed(Refusal? refusal) => _outcome.TrySetResult(refusal);
    }
}
