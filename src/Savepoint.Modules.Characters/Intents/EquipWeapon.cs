using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>Takes a weapon in hand, in the place of what that hand held (SRD 5.1, Weapon Properties, pp. 64-65; Two-Weapon Fighting, p. 95).</summary>
public sealed class EquipWeapon() : CharacterIntent<EquipWeapon.Arguments>(
    new IntentDefinition("equip-weapon", "Takes a weapon in hand", HttpMethods.Post, "/equip-weapon", """{"itemId":"shortsword","offHand":true,"version":5}""")
    {
        Errors =
        [
            CharacterErrors.WeaponNotFound, CharacterErrors.BothHandsNeeded, CharacterErrors.HandOccupied, CharacterErrors.LightWeaponNeeded,
            CharacterErrors.FreeHandNeeded,
        ],
    })
{
    /// <param name="ItemId">The weapon's id.</param>
    /// <param name="OffHand">Whether it is the second weapon.</param>
    public readonly record struct Arguments(string ItemId, bool OffHand);

    /// <inheritdoc/>
    protected override Arguments Read(IntentArguments arguments) =>
        new(arguments.Text("itemId", "The weapon's id in the rulebook."), arguments.Flag("offHand", "Whether it is the second weapon."));

    /// <inheritdoc/>
    protected override Ruling<CharacterState> Apply(CharacterState character, Arguments arguments, Rulebook rulebook) =>
        rulebook.FindWeapon(arguments.ItemId).IsAllowed(out var weapon, out var error)
        && Equipping.Wield(character.Sheet.Equipment, weapon, arguments.OffHand).IsAllowed(out var equipment, out error)
            ? character.With(equipment)
            : error;
}
