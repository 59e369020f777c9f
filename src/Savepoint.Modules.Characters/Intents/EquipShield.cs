using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>Takes up a shield (SRD 5.1, Shields, p. 63).</summary>
public sealed class EquipShield() : CharacterIntent<EquipShield.Arguments>(
    new IntentDefinition("equip-shield", "Takes up a shield", HttpMethods.Post, "/equip-shield", """{"version":5}""")
    {
        Errors = [CharacterErrors.ShieldNotFound, CharacterErrors.BothHandsNeeded, CharacterErrors.HandOccupied, CharacterErrors.FreeHandNeeded],
    })
{
    /// <param name="ItemId">The shield's id; null for the rulebook's first, which is the only one of the SRD.</param>
    public readonly record struct Arguments(string? ItemId);

    /// <inheritdoc/>
    protected override Arguments Read(IntentArguments arguments) => new(arguments.OptionalText("itemId", "The shield's id in the rulebook; the first one where it is not there."));

    /// <inheritdoc/>
    protected override Ruling<CharacterState> Apply(CharacterState character, Arguments arguments, Rulebook rulebook) =>
        rulebook.FindShield(arguments.ItemId ?? (rulebook.Shields is [var first, ..] ? first.Id : "")).IsAllowed(out var shield, out var error)
        && Equipping.Carry(character.Sheet.Equipment, shield).IsAllowed(out var equipment, out error)
            ? character.With(equipment)
            : error;
}
