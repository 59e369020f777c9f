using Savepoint.Documents;

namespace Savepoint.Engine.Units;

/// <summary>Why a request was not carried out, with the evidence.</summary>
/// <param name="Code">The reason.</param>
public sealed record Refusal(RefusalCode Code)
{
    /// <summary>The mutation of the unit that was refused.</summary>
    public int Mutation { get; init; }

    /// <summary>The entity at fault.</summary>
    public EntityKey Key { get; init; }

    /// <summary>The rule of documents that was broken.</summary>
    public DocumentError DocumentError { get; init; }

    /// <summary>The path of the operation that broke it; null where there is none.</summary>
    public string? Path { get; init; }

    /// <summary>The version that the request expected.</summary>
    public long ExpectedVersion { get; init; }

    /// <summary>The version that the entity has.</summary>
    public long CurrentVersion { get; init; }

    /// <summary>The present holder of the session.</summary>
    public string? Holder { get; init; }

    /// <summary>What else helps to understand it; for an intent, the code that its handler gave.</summary>
    public string? Detail { get; init; }

    /// <summary>When trying again makes sense.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Whether it says nothing of the request, but that this node does not serve the shard now, or has lost it: its owner, now or soon, gives another answer.
    /// </summary>
    internal bool ConcernsOwnership
    {
        get => field || Code is RefusalCode.NotOwner or RefusalCode.OutcomeUnknown;
        init;
    }

    /// <summary>Whether trying the same again later can succeed.</summary>
    public bool IsTransient => Code is RefusalCode.Overloaded or RefusalCode.Unavailable or RefusalCode.ShuttingDown
        or RefusalCode.NotOwner or RefusalCode.LoadTimeout or RefusalCode.SessionWaitTimeout;
}
