using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Creation;

/// <summary>Ability scores by luck: for each, four six-sided dice without the lowest one. The SRD leaves to the game how scores are made; this is the customary way.</summary>
public static class AbilityRolls
{
    private const int DiceEach = 4;

    /// <summary>Six scores of 3 to 18.</summary>
    /// <param name="die">Who rolls: 24 times a die with six sides.</param>
    /// <param name="preference">The abilities from the one that gets the highest score to the one that gets the lowest; null to keep the order in which they were rolled.</param>
    /// <returns>The scores, or <see cref="CharacterErrorCodes.AbilityChoiceInvalid"/> when the preference doesn't name each ability once. Nothing is rolled then.</returns>
    public static Ruling<Abilities> Roll(IDie die, IReadOnlyList<Ability>? preference = null)
    {
        if (preference is not null && !Abilities.All.Order().SequenceEqual(preference.Order()))
            return CharacterErrors.AbilityChoiceInvalid with { Detail = "The order of abilities has to name each of the six once." };
        var rolled = Abilities.All.Select(_ => Score(die)).ToArray();
        if (preference is null)
            return Abilities.Each(ability => rolled[(int)ability]);
        var falling = rolled.OrderDescending().ToArray();
        var ranks = preference.ToList();
        return Abilities.Each(ability => falling[ranks.IndexOf(ability)]);
    }

    private static int Score(IDie die)
    {
        var rolls = Enumerable.Range(0, DiceEach).Select(_ => die.Roll(6)).ToArray();
        return rolls.Sum() - rolls.Min();
    }
}
