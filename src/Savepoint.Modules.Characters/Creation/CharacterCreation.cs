using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Origins;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Creation;

/// <summary>Makes characters of level 1 out of wishes.</summary>
public static class CharacterCreation
{
    /// <summary>The character, or why it can't be. Dice are rolled only once everything else is in order.</summary>
    /// <param name="wish">What the player wishes for.</param>
    /// <param name="rulebook">The races and classes that there are.</param>
    /// <param name="die">Who rolls, if scores are rolled.</param>
    /// <param name="reservedNames">Names that nobody gets, folded; null for <see cref="CharacterName.DefaultReserved"/>.</param>
    public static Ruling<CreatedCharacter> Create(NewCharacter wish, Rulebook rulebook, IDie die, IReadOnlySet<string>? reservedNames = null)
    {
        if (!CharacterName.Check(wish.Name, reservedNames).IsAllowed(out var name, out var error)
            || !rulebook.FindRace(wish.Race).IsAllowed(out var race, out error)
            || !rulebook.FindClass(wish.Class).IsAllowed(out var characterClass, out error))
            return error;
        if (SubraceOf(race, wish.Subrace, out var subrace) is { } unfit)
            return unfit;
        if (!RacialIncreases.Of(race, subrace, wish.ChosenIncreases).IsAllowed(out var increases, out error)
            || !Scores(wish, die).IsAllowed(out var scores, out error))
            return error;
        return new CreatedCharacter(name, new CharacterSheet { Race = race, Subrace = subrace, Class = characterClass, Scores = scores.Plus(increases) });
    }

    private static Ruling<Abilities> Scores(NewCharacter wish, IDie die) =>
        wish.BoughtScores is { } bought ? PointBuy.Buy(bought) : AbilityRolls.Roll(die, wish.Preference);

    private static RuleError? SubraceOf(Race race, string? id, out Subrace? subrace)
    {
        subrace = race.Subraces.FirstOrDefault(candidate => candidate.Id == id);
        if (subrace is not null || (id is null && race.Subraces.Count == 0))
            return null;
        var choices = race.Subraces.Count == 0 ? "none" : string.Join(", ", race.Subraces.Select(choice => choice.Id));
        return id is null
            ? CharacterErrors.SubraceRequired with { Detail = $"{race.Name}: one of the subraces has to be chosen: {choices}." }
            : CharacterErrors.SubraceNotFound with { Detail = $"{race.Name}: the subraces are: {choices}." };
    }
}
