using Savepoint.Modules.Characters.Items;

namespace Savepoint.Modules.Characters.Data;

/// <summary>Reads items, and checks that their properties fit together.</summary>
internal static class ItemReader
{
    private const long MostCopper = 1_000_000_000_000;

    public static Weapon Weapon(DataObject data)
    {
        var weapon = new Weapon
        {
            Id = data.Text("id"),
            Name = data.Text("name"),
            Category = data.Word<WeaponCategory>("category"),
            Kind = data.Word<WeaponKind>("kind"),
            CostCopper = Cost(data),
            WeightPounds = data.Weight("weightPounds"),
            Damage = Dice(data, "damage"),
            DamageType = DamageType(data),
            Properties = data.Words<WeaponProperties>("properties").Aggregate(WeaponProperties.None, (all, one) => all | one),
            VersatileDamage = Dice(data, "versatileDamage"),
            Range = Range(data),
        };
        CheckDamage(data, weapon);
        CheckHands(data, weapon);
        CheckRange(data, weapon);
        return weapon;
    }

    public static Armor Armor(DataObject data)
    {
        var armor = new Armor
        {
            Id = data.Text("id"),
            Name = data.Text("name"),
            Category = data.Word<ArmorCategory>("category"),
            CostCopper = Cost(data),
            WeightPounds = data.Weight("weightPounds"),
            ArmorClass = data.Small("armorClass", 10, 30),
            DexterityLimit = data.Small("dexterityLimit", 0, 20, missing: -1) is var limit and >= 0 ? limit : null,
            Strength = data.Small("strength", 1, 30, missing: 0),
            StealthDisadvantage = data.Flag("stealthDisadvantage"),
            DonMinutes = data.Small("donMinutes", 0, 1_000),
            DoffMinutes = data.Small("doffMinutes", 0, 1_000),
        };
        if (armor.Category == ArmorCategory.Medium != armor.DexterityLimit is not null)
            data.Wrong("medium armor, and no other, has a limit", "dexterityLimit");
        return armor;
    }

    public static Shield Shield(DataObject data) => new()
    {
        Id = data.Text("id"),
        Name = data.Text("name"),
        CostCopper = Cost(data),
        WeightPounds = data.Weight("weightPounds"),
        ArmorClassBonus = data.Small("armorClassBonus", 1, 10),
    };

    private static long Cost(DataObject data) => data.Number("costCopper", 0, MostCopper);

    private static Dice? Dice(DataObject data, string name)
    {
        if (!data.TryText(name, out var text))
            return null;
        if (!Items.Dice.TryParse(text, out var dice))
            data.Wrong($"'{text}' are no dice such as 2d6", name);
        return dice;
    }

    private static DamageType? DamageType(DataObject data) => data.Has("damageType") ? data.Word<DamageType>("damageType") : null;

    private static WeaponRange? Range(DataObject data)
    {
        if (!data.TryObject("rangeFeet", out var range))
            return null;
        var result = new WeaponRange(range.Small("normal", 1, 10_000), range.Small("long", 1, 10_000));
        if (result.LongFeet < result.NormalFeet)
            range.Wrong("is shorter than normal", "long");
        range.End();
        return result;
    }

    private static void CheckDamage(DataObject data, Weapon weapon)
    {
        if (weapon.Damage is null && !weapon.Has(WeaponProperties.Special))
            data.Wrong("is missing: only a special weapon does none", "damage");
        if (weapon.Damage is null != weapon.DamageType is null)
            data.Wrong("goes with damage, and damage with it", "damageType");
        if (weapon.Has(WeaponProperties.Versatile) != weapon.VersatileDamage is not null)
            data.Wrong("goes with the property versatile, and versatile with it", "versatileDamage");
    }

    private static void CheckHands(DataObject data, Weapon weapon)
    {
        if (weapon.Has(WeaponProperties.TwoHanded) && (weapon.Has(WeaponProperties.Versatile) || weapon.Has(WeaponProperties.Light)))
            data.Wrong("two-handed weapons are neither versatile nor light", "properties");
    }

    private static void CheckRange(DataObject data, Weapon weapon)
    {
        var goesFar = weapon.Has(WeaponProperties.Ammunition) || weapon.Has(WeaponProperties.Thrown);
        if (goesFar != weapon.Range is not null)
            data.Wrong("goes with the properties ammunition and thrown, and they with it", "rangeFeet");
        if (weapon.Kind == WeaponKind.Ranged && !goesFar)
            data.Wrong("a ranged weapon has ammunition or is thrown", "properties");
        if (weapon.Kind == WeaponKind.Melee && weapon.Has(WeaponProperties.Ammunition))
            data.Wrong("a melee weapon has no ammunition", "properties");
    }
}
