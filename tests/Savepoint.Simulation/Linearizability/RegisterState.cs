namespace Savepoint.Simulation;

/// <summary>The model that an entity is held against: a register that counts its writes.</summary>
/// <param name="Version">How many writes it has had.</param>
/// <param name="Value">A hash of what it holds; null while it is missing.</param>
/// <param name="IsValueUnknown">Whether it holds something that nobody has read yet, as after an increment; <paramref name="Value"/> then says nothing.</param>
public readonly record struct RegisterState(long Version, long? Value, bool IsValueUnknown = false)
{
    /// <summary>Never written.</summary>
    public static RegisterState Empty { get; }

    /// <summary>
    /// Lets an operation take effect now, with the outcome that its caller was told; false, and no change, if it cannot. No write looks at the value: the
    /// checker relies on that.
    /// </summary>
    public static bool TryStep(ref RegisterState state, HistoryOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Outcome switch
        {
            OperationOutcome.Seen => operation.Version == state.Version && TrySee(ref state, operation.Value),
            OperationOutcome.Refused => operation.Version == state.Version && operation.ExpectedVersion != state.Version,
            OperationOutcome.Acknowledged => operation.Version == state.Version + 1 && TryWrite(ref state, operation),
            _ => operation.Kind == OperationKind.Read || TryWrite(ref state, operation),
        };
    }

    /// <summary>Whether a read may see this value; the first one that sees an unknown value settles it.</summary>
    internal static bool TrySee(ref RegisterState state, long? value)
    {
        if (!state.IsValueUnknown)
            return value == state.Value;
        if (value is null)
            return false;
        state = new RegisterState(state.Version, value);
        return true;
    }

    private static bool TryWrite(ref RegisterState state, HistoryOperation operation)
    {
        if (operation.ExpectedVersion is { } expected && expected != state.Version)
            return false;
        state = new RegisterState(state.Version + 1, operation.Value, operation.Kind == OperationKind.Increment);
        return true;
    }
}
