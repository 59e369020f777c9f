namespace Savepoint.Simulation.Tests.Linearizability;

/// <summary>The definition, tried in every order: for a handful of operations.</summary>
internal static class BruteForce
{
    public static bool IsLinearizable(IReadOnlyList<HistoryOperation> history) => CanFinish([.. history], RegisterState.Empty);

    private static bool CanFinish(HistoryOperation[] left, RegisterState state)
    {
        if (left.All(operation => operation.Outcome == OperationOutcome.NoReturn))
            return true;
        foreach (var operation in left)
        {
            var next = state;
            if (left.All(other => other.Returned >= operation.Invoked)
                && RegisterState.TryStep(ref next, operation)
                && CanFinish([.. left.Where(other => !ReferenceEquals(other, operation))], next))
                return true;
        }

        return false;
    }
}
