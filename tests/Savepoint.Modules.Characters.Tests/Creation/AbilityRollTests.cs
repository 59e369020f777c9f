using Savepoint.Modules.Characters.Creation;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

public sealed class AbilityRollTests
{
    // Without their lowest: 18, 3, 9, 12, 15, 6.
    private static readonly int[] Rolls = [6, 6, 1, 6, 1, 1, 1, 1, 2, 3, 4, 1, 4, 4, 4, 4, 5, 2, 5, 5, 1, 1, 1, 4];

    [Fact]
    public void The_lowest_of_four_dice_does_not_count()
    {
        var die = new LoadedDie(Rolls);
        AbilityRolls.Roll(die).Result.ShouldBe(new Abilities(18, 3, 9, 12, 15, 6));
        die.Left.ShouldBe(0);
    }

    [Fact]
    public void The_highest_scores_go_where_the_player_wants_them() =>
        AbilityRolls.Roll(new LoadedDie(Rolls), [Ability.Wisdom, Ability.Constitution, Ability.Strength, Ability.Charisma, Ability.Dexterity, Ability.Intelligence]).Result
            .ShouldBe(new Abilities(Strength: 12, Dexterity: 6, Constitution: 15, Intelligence: 3, Wisdom: 18, Charisma: 9));

    [Theory]
    [InlineData]
    [InlineData(Ability.Strength)]
    [InlineData(Ability.Strength, Ability.Strength, Ability.Constitution, Ability.Intelligence, Ability.Wisdom, Ability.Charisma)]
    [InlineData(Ability.Strength, Ability.Dexterity, Ability.Constitution, Ability.Intelligence, Ability.Wisdom, (Ability)6)]
    public void An_order_names_each_ability_once(params Ability[] preference)
    {
        var die = new LoadedDie(Rolls);
        AbilityRolls.Roll(die, preference).ShouldBeRefused("ABILITY_CHOICE_INVALID");
        die.Left.ShouldBe(Rolls.Length);
    }

    [Fact]
    public void The_same_seed_rolls_the_same_scores() =>
        AbilityRolls.Roll(new SeededDie(new Random(7))).Result.ShouldBe(AbilityRolls.Roll(new SeededDie(new Random(7))).Result);

    /// <summary>Of 6^4 rolls of four dice without the lowest, the mean is 15869/1296, about 12.24.</summary>
    [Fact]
    public void Many_scores_come_out_as_chance_has_it()
    {
        var die = new SeededDie(new Random(1));
        var scores = Enumerable.Range(0, 5000).Select(_ => AbilityRolls.Roll(die).Result).SelectMany(rolled => Abilities.All.Select(ability => rolled[ability])).ToList();
        scores.Min().ShouldBe(3);
        scores.Max().ShouldBe(18);
        scores.Average().ShouldBe(12.24, tolerance: 0.1);
    }

    [Fact]
    public void An_unpredictable_die_shows_all_of_its_sides()
    {
        var die = new UnpredictableDie();
        Enumerable.Range(0, 1000).Select(_ => die.Roll(6)).Distinct().ShouldBe([1, 2, 3, 4, 5, 6], ignoreOrder: true);
    }
}
