using Savepoint.Modules.Characters.Rules;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>Attacks as lines of text.</summary>
internal static class AttackLines
{
    public static string Of(CharacterSheet sheet) => string.Join("; ", DerivedStats.Of(sheet).Attacks.Select(Line));

    private static string Line(WeaponAttack attack)
    {
        var hand = attack.OffHand ? "off-hand " : "";
        var way = attack.Kind switch
        {
            AttackKind.Melee => $"hit {attack.ReachFeet} ft",
            AttackKind.Thrown => $"throw {attack.Range!.Value.NormalFeet}/{attack.Range.Value.LongFeet}",
            _ => $"shot {attack.Range!.Value.NormalFeet}/{attack.Range.Value.LongFeet}",
        };
        var grip = attack.TwoHanded ? " with both hands" : "";
        var damage = attack.Damage is null ? "no damage" : $"{attack.Damage}{Print.Signed(attack.DamageBonus)} {attack.DamageType!.Value.ToString().ToLowerInvariant()}";
        return $"{hand}{way}{grip} {Print.Signed(attack.AttackBonus)}, {damage}{(attack.Disadvantage ? ", disadvantage" : "")}";
    }
}
