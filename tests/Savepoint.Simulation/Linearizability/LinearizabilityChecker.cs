namespace Savepoint.Simulation;

/// <summary>
/// Judges whether the history of one entity is linearizable: whether every operation may have taken effect at one moment between its invocation and its
/// return, so that all saw what they were told. Histories of several entities are linearizable if each one's is. Safe to call at the same time.
/// </summary>
/// <remarks>
/// This is Wing and Gong's search (J. Parallel Distrib. Comput. 17, 1993): place next an operation that was invoked before any unplaced one returned, if the
/// model allows its outcome. Exact versions leave it one way to go: an operation that returned version v comes when the register is at v - 1 (write) or v
/// (read), and reads of one version may come in the order of their invocation. The one choice is which operation without outcome made a version that nobody
/// was acknowledged; it constrains nothing but its own time, so that <see cref="GapFilling"/> decides it exactly, and the memory of visited states that Lowe
/// and Porcupine add to the search has nothing to remember.
/// </remarks>
public static class LinearizabilityChecker
{
    /// <summary>Checks a history, in any order; of an entity that was never written before, unless the options say otherwise.</summary>
    public static LinearizabilityResult Check(IReadOnlyList<HistoryOperation> history, LinearizabilityOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        options ??= new LinearizabilityOptions();
        var result = new VersionOrderSearch(history, options).Run();
        if (result.IsLinearizable)
            AssertExplains(result.Order, history, options.Initial);
        return result;
    }

    /// <summary>A pass is never taken on trust: the order that was found is held against the definition.</summary>
    private static void AssertExplains(IReadOnlyList<HistoryOperation> order, IReadOnlyList<HistoryOperation> history, RegisterState state)
    {
        var placed = new HashSet<HistoryOperation>(order, ReferenceEqualityComparer.Instance);
        var holds = placed.Count == order.Count
            && history.All(operation => operation.Outcome == OperationOutcome.NoReturn || placed.Contains(operation));
        var latestInvocation = long.MinValue;
        foreach (var operation in order)
        {
            latestInvocation = Math.Max(latestInvocation, operation.Invoked);
            holds &= operation.Returned >= latestInvocation && RegisterState.TryStep(ref state, operation);
        }

        if (!holds)
            throw new InvalidOperationException("The checker found an order that does not explain the history.");
    }
}
