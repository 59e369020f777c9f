using Savepoint.Engine.Units;

namespace Savepoint.Modules.DataRights;

/// <summary>The engine refused a step of an operation, and trying again did not help. What was done before stays done; the operation can be run again.</summary>
/// <param name="refusal">Why.</param>
public sealed class RefusedException(Refusal refusal) : Exception($"Refused: {refusal.Code} {refusal.Detail}")
{
    /// <summary>Why.</summary>
    public Refusal Refusal { get; } = refusal;
}
