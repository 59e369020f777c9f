using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Streams.Sessions;

/// <summary>The engine's side of a <see cref="ClientSession"/>.</summary>
internal sealed class SessionSubscription(ClientSession session) : SessionHolder
{
    protected override void OnOpened(in SessionOpening opening) => session.OnOpened(this, opening);

    protected override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal)
    {
        // The opening has said all of it.
    }

    protected override void OnChange(in EntityChange change) => session.OnChange(this, change);

    protected override void OnLost() => session.OnLost(this);

    protected override void OnRequested(string requester) => session.OnRequested(this, requester);

    protected override void OnEnded(SessionEndReason reason, string? newHolder) => session.OnEnded(this, reason, newHolder);

    protected override void OnReleased() => session.OnReleased(this);

    protected override void OnMessage(EntityMessage message) => session.OnMessage(this, message);
}
