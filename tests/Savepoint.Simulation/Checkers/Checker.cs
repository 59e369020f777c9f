using System.Runtime.CompilerServices;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>
/// Looks at all that happens and finds fault with it; knows the promises, and nothing of the workloads. Calls come one at a time, in the order of events,
/// from wherever the event is: a checker must not wait, and asks nobody but the ledger.
/// </summary>
internal abstract class Checker
{
    public Ledger Ledger { get; internal set; } = null!;

    public Verdict Verdict { get; internal set; } = null!;

    public TimeProvider Time { get; internal set; } = null!;

    /// <summary>Segments are about to be taken up by the ledger; they are in the database.</summary>
    public virtual void OnAppended(string process, IReadOnlyList<JournalSegment> segments)
    {
    }

    /// <summary>The ledger has taken up a commit.</summary>
    public virtual void OnCommitted(Commit commit)
    {
    }

    /// <summary>The database has taken a checkpoint.</summary>
    public virtual void OnCheckpointed(string process, CheckpointBatch batch)
    {
    }

    /// <summary>The database has trimmed a journal.</summary>
    public virtual void OnTrimmed(string process)
    {
    }

    /// <summary>A client has sent a request for the first time.</summary>
    public virtual void OnSent(Operation operation)
    {
    }

    /// <summary>A node has answered a request: the answer may be seen by anybody from now on.</summary>
    /// <param name="operation">The request.</param>
    /// <param name="versions">What its mutations made.</param>
    /// <param name="refusal">Why it was refused; null when it was not.</param>
    public virtual void OnAnswered(Operation operation, long[] versions, Refusal? refusal)
    {
    }

    /// <summary>A node has shown an entity's state to a reader, a watcher or a session holder.</summary>
    /// <param name="snapshot">What it showed.</param>
    /// <param name="asked">The version that was asked for; 0 for the newest.</param>
    public virtual void OnShown(in EntitySnapshot snapshot, long asked)
    {
    }

    /// <summary>A node has shown a reader an entity.</summary>
    public virtual void OnRead(string node, in EntitySnapshot snapshot, long asked)
    {
    }

    /// <summary>A node could not show a version that was asked for.</summary>
    public virtual void OnNotShown(EntityKey key, long asked, Refusal refusal)
    {
    }

    /// <summary>A node has listed versions of an entity, or refused to.</summary>
    /// <param name="listing">What was asked for.</param>
    /// <param name="committedBefore">The entity's committed version when the node was asked; 0 when the node need not know it.</param>
    /// <param name="page">What it listed; null when it refused.</param>
    /// <param name="refusal">Why it refused; null when it did not.</param>
    public virtual void OnListed(VersionListing listing, long committedBefore, VersionPage? page, Refusal? refusal)
    {
    }

    /// <summary>A watcher was pushed to.</summary>
    /// <param name="watch">The number of the watch.</param>
    /// <param name="change">The change.</param>
    /// <param name="document">What the watcher has made of it.</param>
    public virtual void OnPushed(long watch, in EntityChange change, Document? document)
    {
    }

    /// <summary>A watcher, or the holder of a session, was told what it starts from.</summary>
    /// <param name="node">Where.</param>
    /// <param name="watch">The number of the watch.</param>
    /// <param name="snapshot">What it was told.</param>
    /// <param name="fromVersion">The version that it has said it has; 0 for none.</param>
    public virtual void OnWatchStarted(string node, long watch, in EntitySnapshot snapshot, long fromVersion)
    {
    }

    /// <summary>A watch is over; what is on its way to it may still arrive.</summary>
    public virtual void OnWatchEnded(long watch)
    {
    }

    /// <summary>A process is dead.</summary>
    public virtual void OnDied(string process)
    {
    }

    /// <summary>The broker has taken changes of a shard.</summary>
    public virtual void OnPublished(int shard, IReadOnlyList<PublishedChange> changes)
    {
    }

    /// <summary>A client has sent a wish for a session for the first time.</summary>
    public virtual void OnSent(Opening opening)
    {
    }

    /// <summary>A wish for a session was answered.</summary>
    /// <param name="node">Where.</param>
    /// <param name="watch">The number of the watch that comes with it.</param>
    /// <param name="opening">The wish.</param>
    /// <param name="outcome">The answer.</param>
    public virtual void OnOpened(string node, long watch, Opening opening, in SessionOpening outcome)
    {
    }

    /// <summary>The holder of a session was told of a message.</summary>
    public virtual void OnDelivered(long watch, EntityKey key, long message)
    {
    }

    /// <summary>A node was stopped in good order, and nothing went wrong meanwhile.</summary>
    /// <param name="process">The node.</param>
    /// <param name="seen">What it has shown just before.</param>
    public virtual void OnStopped(string process, IReadOnlyList<EntitySnapshot> seen)
    {
    }

    /// <summary>A look at a node, now and then.</summary>
    public virtual void OnLook(string process, EngineSnapshot snapshot)
    {
    }

    /// <summary>All is quiet and everything was waited for.</summary>
    public virtual void OnEnd()
    {
    }

    protected void Fail(string invariant, string violation) => Verdict.Fail(invariant, violation);

    protected void Require(bool isRight, string invariant, [InterpolatedStringHandlerArgument(nameof(isRight))] ref ViolationText violation)
    {
        if (!isRight)
            Verdict.Fail(invariant, violation.ToStringAndClear());
    }
}
