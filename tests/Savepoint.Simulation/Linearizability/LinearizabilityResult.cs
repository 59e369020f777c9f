using System.Text;

namespace Savepoint.Simulation;

/// <summary>What a check came to.</summary>
public enum LinearizabilityVerdict
{
    /// <summary>Not decided within <see cref="LinearizabilityOptions.MaxSteps"/>.</summary>
    Unknown,

    /// <summary>One order explains everything that was seen.</summary>
    Linearizable,

    /// <summary>No order does.</summary>
    NotLinearizable,
}

/// <summary>The verdict on a history, with its evidence.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Order">An order that explains the history; without one, the longest beginning that could be explained.</param>
/// <param name="Blocked">The operations that cannot come next and those that keep them from it; empty if the history is linearizable.</param>
/// <param name="Reason">In one sentence, why not; empty if the history is linearizable.</param>
public sealed record LinearizabilityResult(
    LinearizabilityVerdict Verdict, IReadOnlyList<HistoryOperation> Order, IReadOnlyList<HistoryOperation> Blocked, string Reason)
{
    private const int Shown = 12;

    /// <summary>Whether one order explains everything; false also if that is not known.</summary>
    public bool IsLinearizable => Verdict == LinearizabilityVerdict.Linearizable;

    /// <summary>The verdict and its evidence, short enough to print.</summary>
    public override string ToString()
    {
        if (IsLinearizable)
            return $"Linearizable: {Order.Count} operations.";
        var text = new StringBuilder().AppendLine($"{Verdict}: {Reason}");
        text.AppendLine($"In order so far, {Order.Count} operations{(Order.Count > Shown ? $", the last {Shown}" : "")}:");
        foreach (var operation in Order.Skip(Order.Count - Shown))
            text.AppendLine($"  {operation}");
        text.AppendLine("Cannot be placed together after these:");
        foreach (var operation in Blocked.Take(Shown))
            text.AppendLine($"  {operation}");
        if (Blocked.Count > Shown)
            text.AppendLine($"  and {Blocked.Count - Shown} more.");
        return text.ToString();
    }
}
