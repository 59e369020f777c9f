using System.Security.Cryptography;

namespace Savepoint.Modules.Characters.Creation;

/// <summary>Whoever rolls the dice.</summary>
public interface IDie
{
    /// <summary>Rolls one die.</summary>
    /// <param name="sides">How many sides it has.</param>
    /// <returns>1 to <paramref name="sides"/>, each as likely.</returns>
    int Roll(int sides);
}

/// <summary>Rolls as a random source says: the same for the same seed. Not thread-safe.</summary>
/// <param name="random">The source.</param>
public sealed class SeededDie(Random random) : IDie
{
    /// <inheritdoc/>
    public int Roll(int sides) => random.Next(sides) + 1;
}

/// <summary>Rolls that nobody can foretell, from the system's source of secrets. Thread-safe.</summary>
public sealed class UnpredictableDie : IDie
{
    /// <inheritdoc/>
    public int Roll(int sides) => RandomNumberGenerator.GetInt32(sides) + 1;
}
