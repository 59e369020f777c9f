using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Creation;

/// <summary>What a player wishes for when creating a character.</summary>
public sealed record NewCharacter
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The race's id.</summary>
    public required string Race { get; init; }

    /// <summary>The subrace's id; null if the race has none.</summary>
    public string? Subrace { get; init; }

    /// <summary>The class's id.</summary>
    public required string Class { get; init; }

    /// <summary>The scores to buy for points, before racial increases; null to have them rolled.</summary>
    public Abilities? BoughtScores { get; init; }

    /// <summary>For rolled scores: the abilities from the one that gets the highest to the one that gets the lowest; null to keep them as they fall.</summary>
    public IReadOnlyList<Ability>? Preference { get; init; }

    /// <summary>The abilities to increase, where the race lets the player choose. The default is none.</summary>
    public IReadOnlyCollection<Ability> ChosenIncreases { get; init; } = [];
}

/// <summary>A character that was created: level 1, nothing in hand.</summary>
/// <param name="Name">Its name, as the player wrote it.</param>
/// <param name="Sheet">Its sheet; its hit points are the maximum that follows from it.</param>
public sealed record CreatedCharacter(string Name, CharacterSheet Sheet);
