using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Hosting.Calls;

/// <summary>
/// A session that is held for a moment, for <see cref="EngineCalls.OpenSessionAsync"/>: how its opening ended can be awaited, and nothing else that it is told is looked
/// at. It is for one call.
/// </summary>
public sealed class BriefSession : SessionHolder
{
    private PendingAnswer<SessionOpening>? _opening;

    internal PendingAnswer<SessionOpening> Begin(PendingAnswers all) => all.Begin(ref _opening);

    /// <inheritdoc/>
    protected override void OnOpened(in SessionOpening opening) => _opening?.Set(opening);

    /// <inheritdoc/>
    protected override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal)
    {
        // The opening has said all of it.
    }

    /// <inheritdoc/>
    protected override void OnChange(in EntityChange change)
    {
        // It is over before that matters.
    }

    /// <inheritdoc/>
    protected override void OnLost()
    {
        // The lease ends it.
    }

    /// <inheritdoc/>
    protected override void OnRequested(string requester)
    {
        // It is about to end anyway.
    }

    /// <inheritdoc/>
    protected override void OnEnded(SessionEndReason reason, string? newHolder)
    {
        // Somebody was quicker.
    }

    /// <inheritdoc/>
    protected override void OnMessage(EntityMessage message)
    {
        // For the next holder.
    }
}
