using Savepoint.Modules.Characters.Items;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>What an attack roll has to reach (SRD 5.1, Armor, pp. 62-64).</summary>
public static class ArmorClass
{
    private const int Unarmored = 10;

    /// <summary>
    /// Without armor 10 + Dexterity; in light armor its base + Dexterity; in medium armor its base + Dexterity, at most 2; in heavy armor its base;
    /// and what a shield adds. Proficiency makes no difference to it. Class features (Unarmored Defense) are not counted.
    /// </summary>
    /// <param name="armor">What is worn; null for nothing.</param>
    /// <param name="shield">The shield in hand; null for none.</param>
    /// <param name="dexterityModifier">The Dexterity modifier.</param>
    public static int Of(Armor? armor, Shield? shield, int dexterityModifier) => Worn(armor, dexterityModifier) + (shield?.ArmorClassBonus ?? 0);

    private static int Worn(Armor? armor, int dexterityModifier) => armor?.Category switch
    {
        null => Unarmored + dexterityModifier,
        ArmorCategory.Light => armor.ArmorClass + dexterityModifier,
        ArmorCategory.Medium => armor.ArmorClass + Math.Min(dexterityModifier, armor.DexterityLimit ?? int.MaxValue),
        ArmorCategory.Heavy => armor.ArmorClass,
        _ => throw new InvalidOperationException($"{armor.Category} is no category of armor."),
    };
}
