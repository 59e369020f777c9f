namespace Savepoint.Simulation;

/// <summary>How fast a run goes: on virtual time as in production, on real threads with all times shortened alike.</summary>
/// <param name="Factor">What times are divided by.</param>
public sealed record SimulationPace(double Factor)
{
    /// <summary>Times as in production.</summary>
    public static SimulationPace Normal { get; } = new(1);

    /// <summary>Shortens a time.</summary>
    public TimeSpan Scale(TimeSpan time) => Factor == 1 ? time : time / Factor;
}
