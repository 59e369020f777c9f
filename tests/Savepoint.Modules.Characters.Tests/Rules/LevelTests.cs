using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

public sealed class LevelTests
{
    /// <summary>Character Advancement table, SRD 5.1 p. 56.</summary>
    [Fact]
    public void The_proficiency_bonus_rises_as_in_the_table() =>
        Enumerable.Range(1, 20).Select(ProficiencyBonus.At).ShouldBe([2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6]);

    [Theory]
    [InlineData(0)]
    [InlineData(21)]
    public void There_are_no_other_levels(int level)
    {
        Should.Throw<ArgumentOutOfRangeException>(() => ProficiencyBonus.At(level));
        Should.Throw<ArgumentOutOfRangeException>(() => Level.After(level));
        Should.Throw<ArgumentOutOfRangeException>(() => HitPoints.Maximum(10, level, 0));
        Should.Throw<ArgumentOutOfRangeException>(() => Srd.Sheet("human", "fighter", level, new Abilities(10, 10, 10, 10, 10, 10)));
    }

    [Fact]
    public void A_character_rises_level_by_level_up_to_the_twentieth()
    {
        Level.After(1).Result.ShouldBe(2);
        Level.After(19).Result.ShouldBe(20);
        Level.After(20).ShouldBeRefused("MAXIMUM_LEVEL_REACHED");
    }
}
