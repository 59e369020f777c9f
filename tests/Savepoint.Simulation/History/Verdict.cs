namespace Savepoint.Simulation;

/// <summary>What the checkers have found: the first thing that broke a promise.</summary>
public sealed class Verdict
{
    private readonly Lock _gate = new();

    /// <summary>The invariant that was broken, <c>I1</c> to <c>I9</c>, or another name; null while all is well.</summary>
    public string? Invariant { get; private set; }

    /// <summary>What happened, with the evidence.</summary>
    public string? Violation { get; private set; }

    /// <summary>Whether something was found.</summary>
    public bool IsBroken => Invariant is not null;

    /// <summary>Finds fault. Only the first counts: what follows may be its consequence.</summary>
    public void Fail(string invariant, string violation)
    {
        lock (_gate)
        {
            if (Invariant is not null)
                return;
            (Invariant, Violation) = (invariant, violation);
        }
    }
}
