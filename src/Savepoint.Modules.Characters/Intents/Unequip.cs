using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>Puts away what is worn or held in one place, also what the rulebook does not have any more.</summary>
public sealed class Unequip() : CharacterIntent<Unequip.Arguments>(
    new IntentDefinition("unequip", "Puts something away", HttpMethods.Post, "/unequip", """{"slot":"main-hand","version":5}""")
    {
        Errors = [CharacterErrors.SlotEmpty],
    })
{
    /// <param name="Slot">The place.</param>
    public readonly record struct Arguments(EquipmentSlot Slot);

    /// <inheritdoc/>
    protected override Arguments Read(IntentArguments arguments) => new(arguments.Word<EquipmentSlot>("slot", "Where it is worn or held."));

    /// <inheritdoc/>
    protected override Ruling<CharacterState> Apply(CharacterState character, Arguments arguments, Rulebook rulebook) =>
        Equipping.Remove(character.Sheet.Equipment, arguments.Slot).IsAllowed(out var equipment, out var error) ? character.With(equipment) : error;
}
