using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>Weapons, SRD 5.1 pp. 64-66; Attack Rolls, p. 94; Two-Weapon Fighting, p. 95; Damage Rolls, p. 96.</summary>
public sealed class WeaponAttackTests
{
    /// <summary>Proficient with all: Strength +3, Dexterity +2, proficiency +2.</summary>
    [Theory]
    [InlineData("club", "hit 5 ft +5, 1d4+3 bludgeoning")]
    [InlineData("dagger", "hit 5 ft +5, 1d4+3 piercing; throw 20/60 +5, 1d4+3 piercing")]
    [InlineData("greatclub", "hit 5 ft with both hands +5, 1d8+3 bludgeoning")]
    [InlineData("handaxe", "hit 5 ft +5, 1d6+3 slashing; throw 20/60 +5, 1d6+3 slashing")]
    [InlineData("javelin", "hit 5 ft +5, 1d6+3 piercing; throw 30/120 +5, 1d6+3 piercing")]
    [InlineData("light-hammer", "hit 5 ft +5, 1d4+3 bludgeoning; throw 20/60 +5, 1d4+3 bludgeoning")]
    [InlineData("mace", "hit 5 ft +5, 1d6+3 bludgeoning")]
    [InlineData("quarterstaff", "hit 5 ft +5, 1d6+3 bludgeoning; hit 5 ft with both hands +5, 1d8+3 bludgeoning")]
    [InlineData("sickle", "hit 5 ft +5, 1d4+3 slashing")]
    [InlineData("spear", "hit 5 ft +5, 1d6+3 piercing; hit 5 ft with both hands +5, 1d8+3 piercing; throw 20/60 +5, 1d6+3 piercing")]
    [InlineData("light-crossbow", "shot 80/320 with both hands +4, 1d8+2 piercing")]
    [InlineData("dart", "throw 20/60 +5, 1d4+3 piercing")]
    [InlineData("shortbow", "shot 80/320 with both hands +4, 1d6+2 piercing")]
    [InlineData("sling", "shot 30/120 +4, 1d4+2 bludgeoning")]
    [InlineData("battleaxe", "hit 5 ft +5, 1d8+3 slashing; hit 5 ft with both hands +5, 1d10+3 slashing")]
    [InlineData("flail", "hit 5 ft +5, 1d8+3 bludgeoning")]
    [InlineData("glaive", "hit 10 ft with both hands +5, 1d10+3 slashing")]
    [InlineData("greataxe", "hit 5 ft with both hands +5, 1d12+3 slashing")]
    [InlineData("greatsword", "hit 5 ft with both hands +5, 2d6+3 slashing")]
    [InlineData("halberd", "hit 10 ft with both hands +5, 1d10+3 slashing")]
    [InlineData("lance", "hit 10 ft +5, 1d12+3 piercing")]
    [InlineData("longsword", "hit 5 ft +5, 1d8+3 slashing; hit 5 ft with both hands +5, 1d10+3 slashing")]
    [InlineData("maul", "hit 5 ft with both hands +5, 2d6+3 bludgeoning")]
    [InlineData("morningstar", "hit 5 ft +5, 1d8+3 piercing")]
    [InlineData("pike", "hit 10 ft with both hands +5, 1d10+3 piercing")]
    [InlineData("rapier", "hit 5 ft +5, 1d8+3 piercing")]
    [InlineData("scimitar", "hit 5 ft +5, 1d6+3 slashing")]
    [InlineData("shortsword", "hit 5 ft +5, 1d6+3 piercing")]
    [InlineData("trident", "hit 5 ft +5, 1d6+3 piercing; hit 5 ft with both hands +5, 1d8+3 piercing; throw 20/60 +5, 1d6+3 piercing")]
    [InlineData("war-pick", "hit 5 ft +5, 1d8+3 piercing")]
    [InlineData("warhammer", "hit 5 ft +5, 1d8+3 bludgeoning; hit 5 ft with both hands +5, 1d10+3 bludgeoning")]
    [InlineData("whip", "hit 10 ft +5, 1d4+3 slashing")]
    [InlineData("blowgun", "shot 25/100 +4, 1+2 piercing")]
    [InlineData("hand-crossbow", "shot 30/120 +4, 1d6+2 piercing")]
    [InlineData("heavy-crossbow", "shot 100/400 with both hands +4, 1d10+2 piercing")]
    [InlineData("longbow", "shot 150/600 with both hands +4, 1d8+2 piercing")]
    [InlineData("net", "throw 5/15 +4, no damage")]
    public void A_strong_fighter_attacks(string weapon, string expected) =>
        AttackLines.Of(Srd.Sheet("human", "fighter", 1, new Abilities(16, 14, 10, 10, 10, 10), Srd.Carrying(mainHand: weapon))).ShouldBe(expected);

    /// <summary>Strength −1, Dexterity +4, proficiency +3 with simple weapons, hand crossbows, longswords, rapiers and shortswords.</summary>
    [Theory]
    [InlineData("club", "hit 5 ft +2, 1d4-1 bludgeoning")]
    [InlineData("dagger", "hit 5 ft +7, 1d4+4 piercing; throw 20/60 +7, 1d4+4 piercing")]
    [InlineData("handaxe", "hit 5 ft +2, 1d6-1 slashing; throw 20/60 +2, 1d6-1 slashing")]
    [InlineData("dart", "throw 20/60 +7, 1d4+4 piercing")]
    [InlineData("shortbow", "shot 80/320 with both hands +7, 1d6+4 piercing")]
    [InlineData("longsword", "hit 5 ft +2, 1d8-1 slashing; hit 5 ft with both hands +2, 1d10-1 slashing")]
    [InlineData("rapier", "hit 5 ft +7, 1d8+4 piercing")]
    [InlineData("shortsword", "hit 5 ft +7, 1d6+4 piercing")]
    [InlineData("hand-crossbow", "shot 30/120 +7, 1d6+4 piercing")]
    [InlineData("scimitar", "hit 5 ft +4, 1d6+4 slashing")]
    [InlineData("whip", "hit 10 ft +4, 1d4+4 slashing")]
    [InlineData("greataxe", "hit 5 ft with both hands -1, 1d12-1 slashing")]
    [InlineData("longbow", "shot 150/600 with both hands +4, 1d8+4 piercing")]
    [InlineData("net", "throw 5/15 +4, no damage")]
    public void A_nimble_rogue_attacks(string weapon, string expected) =>
        AttackLines.Of(Srd.Sheet("human", "rogue", 5, new Abilities(8, 18, 10, 10, 10, 10), Srd.Carrying(mainHand: weapon))).ShouldBe(expected);

    [Theory]
    [InlineData(1, "+5")]
    [InlineData(4, "+5")]
    [InlineData(5, "+6")]
    [InlineData(9, "+7")]
    [InlineData(13, "+8")]
    [InlineData(17, "+9")]
    [InlineData(20, "+9")]
    public void The_proficiency_bonus_of_the_level_counts(int level, string expected) =>
        AttackLines.Of(Srd.Sheet("human", "fighter", level, new Abilities(16, 10, 10, 10, 10, 10), Srd.Carrying(mainHand: "mace"))).ShouldBe($"hit 5 ft {expected}, 1d6+3 bludgeoning");

    [Fact]
    public void The_second_weapon_adds_no_ability_to_its_damage() =>
        AttackLines.Of(Srd.Sheet("human", "fighter", 1, new Abilities(16, 14, 10, 10, 10, 10), Srd.Carrying(mainHand: "shortsword", offHand: "dagger"))).ShouldBe(
            "hit 5 ft +5, 1d6+3 piercing; off-hand hit 5 ft +5, 1d4+0 piercing; off-hand throw 20/60 +5, 1d4+0 piercing");

    [Fact]
    public void A_weak_arm_is_weak_in_the_second_hand_too() =>
        AttackLines.Of(Srd.Sheet("human", "fighter", 1, new Abilities(6, 14, 10, 10, 10, 10), Srd.Carrying(mainHand: "club", offHand: "light-hammer"))).ShouldBe(
            "hit 5 ft +0, 1d4-2 bludgeoning; off-hand hit 5 ft +0, 1d4-2 bludgeoning; off-hand throw 20/60 +0, 1d4-2 bludgeoning");

    [Fact]
    public void A_versatile_weapon_beside_a_shield_is_held_in_one_hand() =>
        AttackLines.Of(Srd.Sheet("human", "fighter", 1, new Abilities(16, 14, 10, 10, 10, 10), Srd.Carrying(mainHand: "longsword", shield: true))).ShouldBe("hit 5 ft +5, 1d8+3 slashing");

    [Fact]
    public void Who_carries_no_weapon_has_no_attack_with_one() =>
        DerivedStats.Of(Srd.Sheet("human", "fighter", 1, new Abilities(16, 14, 10, 10, 10, 10))).Attacks.ShouldBeEmpty();

    [Theory]
    [InlineData("dwarf", "battleaxe", true)]
    [InlineData("dwarf", "handaxe", true)]
    [InlineData("dwarf", "light-hammer", true)]
    [InlineData("dwarf", "warhammer", true)]
    [InlineData("dwarf", "greataxe", false)]
    [InlineData("hill-dwarf", "warhammer", true)]
    [InlineData("high-elf", "longsword", true)]
    [InlineData("high-elf", "shortsword", true)]
    [InlineData("high-elf", "shortbow", true)]
    [InlineData("high-elf", "longbow", true)]
    [InlineData("high-elf", "rapier", false)]
    [InlineData("elf", "longsword", false)]
    [InlineData("human", "longsword", false)]
    [InlineData("human", "dagger", true)]
    public void A_wizard_is_proficient_with_the_weapons_of_class_race_and_subrace(string race, string weapon, bool proficient)
    {
        var sheet = Srd.Sheet(race, "wizard", 1, new Abilities(10, 10, 10, 10, 10, 10), Srd.Carrying(mainHand: weapon));
        DerivedStats.Of(sheet).Attacks.ShouldAllBe(attack => attack.Proficient == proficient && attack.AttackBonus == (proficient ? 2 : 0));
    }

    [Theory]
    [InlineData("halfling", "greataxe", true)]
    [InlineData("rock-gnome", "longbow", true)]
    [InlineData("halfling", "longsword", false)]
    [InlineData("human", "greataxe", false)]
    public void Heavy_weapons_are_too_heavy_for_the_small(string race, string weapon, bool disadvantage) =>
        DerivedStats.Of(Srd.Sheet(race, "fighter", 1, new Abilities(16, 10, 10, 10, 10, 10), Srd.Carrying(mainHand: weapon))).Attacks.ShouldAllBe(attack => attack.Disadvantage == disadvantage);
}
