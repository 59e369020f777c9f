using Savepoint.Engine.Routing;

namespace Savepoint.Engine.Units;

/// <summary>
/// One or more mutations that commit together or not at all. The caller derives from it to receive the outcome, and may use the object again
/// once <see cref="Completed"/> was called.
/// </summary>
public abstract class Unit
{
    /// <summary>The longest <see cref="Reason"/>, in characters (UTF-16 units).</summary>
    public const int MaxReasonLength = 64;

    /// <summary>The mutations, at most <see cref="EngineOptions.MaxMutationsPerUnit"/>; no entity twice, except once more to end its session.</summary>
    public Mutation[] Mutations { get; set; } = [];

    /// <summary>Who numbers this request; empty for a request without a number, which is not protected against repetition.</summary>
    public Guid Writer { get; set; }

    /// <summary>
    /// The number that the writer gave it; above 0 when there is a writer, and at most <see cref="BatchPart.MaxRequest"/>. That of a part of a batch is made by
    /// <see cref="BatchPart.Number"/>.
    /// </summary>
    public long Request { get; set; }

    /// <summary>The writer has received the outcomes of all its requests up to this number.</summary>
    public long ReceivedThrough { get; set; }

    /// <summary>A hash of the request's content, where the number could be used for another one (idempotency keys); 0 for none.</summary>
    public ulong Fingerprint { get; set; }

    /// <summary>Who asks, for the history: <c>server:eu-1</c>, <c>player:alice</c>; at most 320 characters, an id and what it is.</summary>
    public string Actor { get; set; } = "";

    /// <summary>Why, for the ledger and the history; at most <see cref="MaxReasonLength"/> characters; null for none.</summary>
    public string? Reason { get; set; }

    /// <summary>Ties the change to the request that caused it, over all systems; at most 256 characters; null for none.</summary>
    public string? CorrelationId { get; set; }

    /// <summary>Who takes it back when its shard turns out to be another's; null without a cluster.</summary>
    internal IRequestRouter? Router { get; set; }

    /// <summary>What the router knows of its way so far; null while it was nowhere but here.</summary>
    internal object? Route { get; set; }

    /// <summary>Gives the outcome, or the unit back to its router: a refusal for now says nothing of what was done with it elsewhere before.</summary>
    internal void Complete(Refusal? refusal)
    {
        if (refusal is null || Router is null || !(refusal.ConcernsOwnership || (Route is not null && refusal.IsTransient)) || !Router.TryTake(this, refusal))
            Completed(refusal);
    }

    /// <summary>Whether it is to repair an entity.</summary>
    internal bool Repairs(EntityKey key) => Array.Exists(Mutations, mutation => mutation.Repairs && mutation.Key == key);

    /// <summary>Which mutation of the whole request one of these is.</summary>
    internal virtual int IndexOf(int mutation) => mutation;

    /// <summary>
    /// Called once, when the outcome is certain and durable. Runs on the engine's own flow: it must be short, must not block and must not throw.
    /// </summary>
    /// <param name="refusal">Null when all mutations are committed; else why none of them is.</param>
    protected internal abstract void Completed(Refusal? refusal);
}
