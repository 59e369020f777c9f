using System.Runtime.CompilerServices;

namespace Savepoint.Testing;

/// <summary>The way of an asynchronous test into a <see cref="GameSimulation"/>: what comes behind its await runs there.</summary>
public readonly struct GameSimulationEntry : INotifyCompletion, IEquatable<GameSimulationEntry>
{
    private static readonly SynchronizationContext Threads = new();

    private readonly GameSimulation _simulation;
    private readonly string _test;

    internal GameSimulationEntry(GameSimulation simulation, string test) => (_simulation, _test) = (simulation, test);

    /// <summary>Never: even what could go on at once has to go on in the simulation.</summary>
    public bool IsCompleted => false;

    /// <summary>Itself; for the compiler.</summary>
    /// <returns>This.</returns>
    public GameSimulationEntry GetAwaiter() => this;

    /// <summary>The simulation; for the compiler.</summary>
    /// <returns>The simulation.</returns>
    public GameSimulation GetResult() => _simulation;

    /// <summary>Runs the rest of the test in the simulation; for the compiler.</summary>
    /// <param name="continuation">The rest of the test.</param>
    public void OnCompleted(Action continuation)
    {
        var (simulation, test) = (_simulation, _test);
        Threads.Post(
            _ =>
            {
                try
                {
                    simulation.RunRest(continuation);
                }
                catch (Exception failure) when (failure is TimeoutException or InvalidOperationException)
                {
                    throw new InvalidOperationException($"{test} can't go on: {failure.Message}", failure);
                }
            },
            null);
    }

    /// <inheritdoc/>
    public bool Equals(GameSimulationEntry other) => ReferenceEquals(_simulation, other._simulation);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GameSimulationEntry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(_simulation);

    /// <summary>Whether both lead to the same simulation.</summary>
    public static bool operator ==(GameSimulationEntry left, GameSimulationEntry right) => left.Equals(right);

    /// <summary>Whether they lead to different simulations.</summary>
    public static bool operator !=(GameSimulationEntry left, GameSimulationEntry right) => !left.Equals(right);
}
