using Savepoint.Modules.Characters.Creation;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>Rolls what it is told to, and nothing more.</summary>
internal sealed class LoadedDie(params int[] rolls) : IDie
{
    private readonly Queue<int> _rolls = new(rolls);

    public int Left => _rolls.Count;

    public int Roll(int sides)
    {
        sides.ShouldBe(6);
        return _rolls.Dequeue();
    }
}
