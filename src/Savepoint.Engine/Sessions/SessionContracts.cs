using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Sessions;

/// <summary>What to do when somebody else holds the session.</summary>
public enum SessionConflictPolicy : byte
{
    /// <summary>Ask the holder to hand over, and wait. The default.</summary>
    Wait,

    /// <summary>Take it at once; what the holder has not saved is lost.</summary>
    Steal,

    /// <summary>Report the holder.</summary>
    Fail,
}

/// <summary>Why a session ended.</summary>
public enum SessionEndReason : byte
{
    /// <summary>The holder ended it.</summary>
    Ended = 1,

    /// <summary>Another took it.</summary>
    Stolen = 2,

    /// <summary>The holder was without its connection for longer than the lease.</summary>
    LeaseExpired = 3,

    /// <summary>The entity was removed.</summary>
    Removed = 4,
}

/// <summary>
/// The holder's side of one session, and the wish for it before: it receives the entity's changes like any watcher, and what concerns the session.
/// Calls come on the engine's own flow, in order; they must be short, must not block and must not throw.
/// </summary>
public abstract class SessionHolder : Watcher
{
    /// <summary>Names the holder to others; at most 256 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The writer that opens the session; the same writer can resume it from a new connection.</summary>
    public required Guid Writer { get; init; }

    /// <summary>
    /// The number of the request that opens it: the same request again gets the same session, and is refused once that is over; 0 for a request
    /// without a number.
    /// </summary>
    public required long Request { get; init; }

    /// <summary>The writer has received the outcomes of all its requests up to this number.</summary>
    public long ReceivedThrough { get; init; }

    /// <summary>What to do when somebody else holds the session.</summary>
    public SessionConflictPolicy Policy { get; init; }

    /// <summary>How long to wait for the present holder. The default value is 120 seconds.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The encoded document that a new entity starts from, where its kind has no template; empty for none.</summary>
    public ReadOnlyMemory<byte> Template { get; init; }

    /// <summary>The session to go on with after a reconnect; 0 to open a new one.</summary>
    public long Resume { get; init; }

    /// <summary>
    /// Whether it takes a session from its holder or nothing: where nobody holds one it is refused as not found, and makes no entity. The default value is false.
    /// </summary>
    public bool OnlyIfHeld { get; init; }

    /// <summary>
    /// An earlier holder of the same connection, whose place it takes: until it has, what concerns the one concerns the other, so that disconnecting this one
    /// disconnects that. Null for none.
    /// </summary>
    public SessionHolder? Replaces { get; set; }

    /// <summary>Whether it was noted what its writer had received when it came.</summary>
    internal bool HasArrived { get; set; }

    /// <summary>Whether its writer had said by then that it had the outcome.</summary>
    internal bool IsForgotten { get; set; }

    /// <summary>Whether it had been granted by then, to another copy of it.</summary>
    internal bool WasGranted { get; set; }

    internal sealed override void AnswerWith(Refusal refusal) => OnOpened(new SessionOpening { Refusal = refusal, Messages = [] });

    /// <summary>Called once with the outcome, before any other call.</summary>
    protected internal abstract void OnOpened(in SessionOpening opening);

    /// <summary>Somebody else wants the session: save and end it.</summary>
    protected internal abstract void OnRequested(string requester);

    /// <summary>The session is over, by another's doing.</summary>
    protected internal abstract void OnEnded(SessionEndReason reason, string? newHolder);

    /// <summary>The session is over since its writer has ended it, maybe over another connection: nobody needs to be told, and nothing more comes.</summary>
    protected internal virtual void OnReleased()
    {
    }

    /// <summary>A message for the entity has arrived.</summary>
    protected internal abstract void OnMessage(EntityMessage message);
}

/// <summary>How the opening of a session ended.</summary>
public readonly struct SessionOpening
{
    /// <summary>Null unless it was refused.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The present holder, when the policy was <see cref="SessionConflictPolicy.Fail"/> and there is one.</summary>
    public string? HeldBy { get; init; }

    /// <summary>Since when it is held.</summary>
    public DateTimeOffset HeldSince { get; init; }

    /// <summary>The fencing number; above 0 when the session was acquired or resumed.</summary>
    public long Session { get; init; }

    /// <summary>Whether an earlier session goes on.</summary>
    public bool Resumed { get; init; }

    /// <summary>Whether the entity was created by this opening.</summary>
    public bool Created { get; init; }

    /// <summary>The state to start from; the document is left out when <see cref="EntitySnapshot.IsResumed"/>.</summary>
    public EntitySnapshot Snapshot { get; init; }

    /// <summary>The messages that wait for the holder, oldest first.</summary>
    public IReadOnlyList<EntityMessage> Messages { get; init; }
}

/// <summary>An active session, as whoever reads the entity sees it.</summary>
/// <param name="Number">The fencing number.</param>
/// <param name="Holder">What the holder is called.</param>
/// <param name="Since">Since when it has the session.</param>
public sealed record HeldSession(long Number, string Holder, DateTimeOffset Since);

/// <summary>A message to an entity, kept until the holder of its session has processed it.</summary>
/// <param name="Id">Its number; grows with each message of the entity.</param>
/// <param name="Body">The encoded document that was sent.</param>
/// <param name="Sender">The actor that sent it.</param>
/// <param name="SentAt">When it was accepted.</param>
public sealed record EntityMessage(long Id, ReadOnlyMemory<byte> Body, string Sender, DateTimeOffset SentAt);
