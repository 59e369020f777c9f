using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>A numbered request of a client: one thing to do, however often it is sent.</summary>
public sealed class Operation
{
    /// <summary>Who numbers it.</summary>
    public required Guid Writer { get; init; }

    /// <summary>Its number.</summary>
    public required long Request { get; init; }

    /// <summary>What it asks for.</summary>
    public required Mutation[] Mutations { get; init; }

    /// <summary>What it is, for people.</summary>
    public required string Name { get; init; }

    /// <summary>The number of commits before it was sent first.</summary>
    public int SentAfter { get; internal set; }

    /// <summary>The answer: what each mutation made. Null while there is none, and when it was refused.</summary>
    public long[]? Versions { get; internal set; }

    /// <summary>The answer: why it was refused for good.</summary>
    public Refusal? Refusal { get; internal set; }

    /// <summary>The commit that holds it; 0 for none.</summary>
    public int Commit { get; internal set; }

    /// <summary>Whether its outcome is known.</summary>
    public bool IsAnswered => Versions is not null || Refusal is not null;

    /// <summary>
    /// Whether it may change nothing that is Durable: then it may be answered before it is journaled, and a crash may lose it, and a copy of it may be carried
    /// out anew.
    /// </summary>
    internal bool MayBeLost => Mutations is [{ Kind: MutationKind.Delta, ProcessedMessages: null } mutation] && ChangesNothingDurable(mutation);

    /// <summary>Whether an answer settles the matter: none that says "try again", and none that knows nothing.</summary>
    public static bool IsFinal(Refusal? refusal) => refusal is null
        || (!refusal.IsTransient && refusal.Code is not (RefusalCode.OutcomeUnknown or RefusalCode.RequestForgotten));

    private static bool ChangesNothingDurable(in Mutation mutation)
    {
        if (!GameKinds.HasOverlay(mutation.Key))
            return false;
        foreach (var operation in new DeltaReader(mutation.Payload.Span))
        {
            if (GameKinds.DurabilityOf(mutation.Key, operation.Path.First.ToSegment().Key!) == PropertyDurability.Durable)
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Writer.ToString()[..8]}/{Request} ({Name})";
}
