using Savepoint.Modules.Characters.Rules;

namespace Savepoint.Modules.Characters.Tests;

public sealed class EquippingTests
{
    /// <summary>Weapon Properties, SRD 5.1 pp. 64-65; Shields, p. 63; Two-Weapon Fighting, p. 95. "" is an empty hand, "shield" the shield.</summary>
    [Theory]
    [InlineData("longsword", "", "")]
    [InlineData("longsword", "shield", "")]
    [InlineData("lance", "shield", "")]
    [InlineData("net", "shield", "")]
    [InlineData("dart", "shield", "")]
    [InlineData("greatsword", "", "")]
    [InlineData("longbow", "", "")]
    [InlineData("sling", "", "")]
    [InlineData("", "shield", "")]
    [InlineData("", "dagger", "")]
    [InlineData("shortsword", "dagger", "")]
    [InlineData("scimitar", "scimitar", "")]
    [InlineData("handaxe", "light-hammer", "")]
    [InlineData("greatsword", "shield", "BOTH_HANDS_NEEDED")]
    [InlineData("greatclub", "shield", "BOTH_HANDS_NEEDED")]
    [InlineData("shortbow", "shield", "BOTH_HANDS_NEEDED")]
    [InlineData("light-crossbow", "shield", "BOTH_HANDS_NEEDED")]
    [InlineData("greatsword", "dagger", "BOTH_HANDS_NEEDED")]
    [InlineData("dagger", "greatsword", "BOTH_HANDS_NEEDED")]
    [InlineData("", "pike", "BOTH_HANDS_NEEDED")]
    [InlineData("sling", "shield", "FREE_HAND_NEEDED")]
    [InlineData("blowgun", "shield", "FREE_HAND_NEEDED")]
    [InlineData("hand-crossbow", "shield", "FREE_HAND_NEEDED")]
    [InlineData("longsword", "dagger", "LIGHT_WEAPON_NEEDED")]
    [InlineData("dagger", "longsword", "LIGHT_WEAPON_NEEDED")]
    [InlineData("dagger", "rapier", "LIGHT_WEAPON_NEEDED")]
    [InlineData("dagger", "dart", "LIGHT_WEAPON_NEEDED")]
    [InlineData("dagger", "hand-crossbow", "LIGHT_WEAPON_NEEDED")]
    [InlineData("hand-crossbow", "dagger", "LIGHT_WEAPON_NEEDED")]
    [InlineData("net", "dagger", "LIGHT_WEAPON_NEEDED")]
    [InlineData("", "mace", "LIGHT_WEAPON_NEEDED")]
    public void Two_hands_hold_only_what_they_can_fight_with(string main, string other, string code)
    {
        // In both orders: whichever comes last is refused.
        var mainFirst = Take(Take(Equipment.None, main, offHand: false), other, offHand: true);
        var otherFirst = Take(Take(Equipment.None, other, offHand: true), main, offHand: false);
        foreach (var ruling in new[] { mainFirst, otherFirst })
        {
            if (code.Length > 0)
                ruling.ShouldBeRefused(code);
            else
                ruling.Result.ShouldBe(Srd.Carrying(mainHand: main, offHand: other == "shield" ? "" : other, shield: other == "shield"));
        }
    }

    [Fact]
    public void A_shield_and_a_second_weapon_do_not_share_a_hand()
    {
        Equipping.Wield(Srd.Carrying(shield: true), Srd.Weapon("dagger"), offHand: true).ShouldBeRefused("HAND_OCCUPIED");
        Equipping.Carry(Srd.Carrying(mainHand: "dagger", offHand: "dagger"), Srd.Shield).ShouldBeRefused("HAND_OCCUPIED");
    }

    [Fact]
    public void What_was_in_the_slot_is_replaced()
    {
        Equipping.Wear(Srd.Carrying("leather"), Srd.Armor("plate")).ShouldBe(Srd.Carrying("plate"));
        Equipping.Wield(Srd.Carrying(mainHand: "club", shield: true), Srd.Weapon("mace"), offHand: false).Result.ShouldBe(Srd.Carrying(mainHand: "mace", shield: true));
        Equipping.Wield(Srd.Carrying(mainHand: "club", offHand: "club"), Srd.Weapon("sickle"), offHand: true).Result.ShouldBe(Srd.Carrying(mainHand: "club", offHand: "sickle"));
    }

    [Fact]
    public void Anyone_can_put_on_any_armor() => Equipping.Wear(Equipment.None, Srd.Armor("plate")).Armor!.Id.ShouldBe("plate");

    [Fact]
    public void A_slot_is_emptied_once()
    {
        var all = Srd.Carrying("plate", "club", shield: true);
        Equipping.Remove(all, EquipmentSlot.Armor).Result.ShouldBe(Srd.Carrying("", "club", shield: true));
        Equipping.Remove(all, EquipmentSlot.MainHand).Result.ShouldBe(Srd.Carrying("plate", shield: true));
        Equipping.Remove(all, EquipmentSlot.Shield).Result.ShouldBe(Srd.Carrying("plate", "club"));
        Equipping.Remove(Srd.Carrying("", "club", "dagger"), EquipmentSlot.OffHand).Result.ShouldBe(Srd.Carrying("", "club"));
        foreach (var slot in Enum.GetValues<EquipmentSlot>())
            Equipping.Remove(Equipment.None, slot).ShouldBeRefused("SLOT_EMPTY");
    }

    private static Ruling<Equipment> Take(Ruling<Equipment> before, string item, bool offHand)
    {
        if (item.Length == 0 || !before.IsAllowed(out var equipment, out _))
            return before;
        return item == "shield" ? Equipping.Carry(equipment, Srd.Shield) : Equipping.Wield(equipment, Srd.Weapon(item), offHand);
    }
}
