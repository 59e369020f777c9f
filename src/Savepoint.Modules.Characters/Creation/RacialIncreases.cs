using Savepoint.Modules.Characters.Origins;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Creation;

/// <summary>What race and subrace add to ability scores (SRD 5.1, Ability Score Increase, p. 3; each race's traits, pp. 3-7).</summary>
public static class RacialIncreases
{
    /// <summary>The increases, or <see cref="CharacterErrorCodes.AbilityChoiceInvalid"/>.</summary>
    /// <param name="race">The race.</param>
    /// <param name="subrace">The subrace; null for none.</param>
    /// <param name="chosen">The abilities that the player chose to increase: as many different ones as the race lets choose, none that it increases by itself.</param>
    public static Ruling<Abilities> Of(Race race, Subrace? subrace, IReadOnlyCollection<Ability> chosen)
    {
        var (count, amount) = race.ChosenIncreases;
        if (chosen.Count != count || chosen.Distinct().Count() != count || chosen.Any(ability => !Enum.IsDefined(ability) || race.Increases[ability] != 0))
            return CharacterErrors.AbilityChoiceInvalid with { Detail = Explain(race) };
        return race.Increases.Plus(subrace?.Increases ?? default).Plus(Abilities.Each(ability => chosen.Contains(ability) ? amount : 0));
    }

    private static string Explain(Race race) => race.ChosenIncreases.Abilities == 0
        ? $"{race.Name}: there are no abilities to choose."
        : $"{race.Name}: {race.ChosenIncreases.Abilities} different abilities have to be chosen that the race doesn't increase already.";
}
