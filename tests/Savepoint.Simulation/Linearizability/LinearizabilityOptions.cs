namespace Savepoint.Simulation;

/// <summary>What a check starts from, and how far it goes.</summary>
public sealed record LinearizabilityOptions
{
    /// <summary>What the entity was before the first operation. The default value is an entity that was never written.</summary>
    public RegisterState Initial { get; init; } = RegisterState.Empty;

    /// <summary>
    /// How many pairs of a version without writer and an operation without outcome are tried before the check gives up as
    /// <see cref="LinearizabilityVerdict.Unknown"/>. The default value is 20,000,000, a third of a second.
    /// </summary>
    public long MaxSteps { get; init; } = 20_000_000;
}
