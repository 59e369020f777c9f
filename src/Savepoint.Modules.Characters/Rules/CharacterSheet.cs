using Savepoint.Modules.Characters.Origins;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>What a character is, as far as its stats follow from it. Immutable.</summary>
/// <remarks>The items, race and class are those of a rulebook, not their ids, so that rules need no look-up and can't fail.</remarks>
public sealed record CharacterSheet
{
    private readonly int _level = Rules.Level.First;
    private readonly Abilities _scores;

    /// <summary>The race.</summary>
    public required Race Race { get; init; }

    /// <summary>The subrace; null if the race has none.</summary>
    public Subrace? Subrace { get; init; }

    /// <summary>The class.</summary>
    public required CharacterClass Class { get; init; }

    /// <summary>The level, 1 to 20. The default is 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no level.</exception>
    public int Level
    {
        get => _level;
        init => _level = Rules.Level.Checked(value);
    }

    /// <summary>The ability scores, each 1 to 30, with all increases.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them is no score.</exception>
    public required Abilities Scores
    {
        get => _scores;
        init
        {
            _ = AbilityModifier.Of(value);
            _scores = value;
        }
    }

    /// <summary>What is worn and wielded. The default is nothing.</summary>
    public Equipment Equipment { get; init; } = Equipment.None;
}
