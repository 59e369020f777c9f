using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>Puts on a suit of armor, in the place of what was worn (SRD 5.1, Armor, pp. 62-64). Whoever lacks the training for it may wear it all the same.</summary>
public sealed class EquipArmor() : CharacterIntent<EquipArmor.Arguments>(
    new IntentDefinition("equip-armor", "Puts on armor", HttpMethods.Post, "/equip-armor", """{"itemId":"chain-mail","version":5}""")
    {
        Errors = [CharacterErrors.ArmorNotFound],
    })
{
    /// <param name="ItemId">The armor's id.</param>
    public readonly record struct Arguments(string ItemId);

    /// <inheritdoc/>
    protected override Arguments Read(IntentArguments arguments) => new(arguments.Text("itemId", "The armor's id in the rulebook."));

    /// <inheritdoc/>
    protected override Ruling<CharacterState> Apply(CharacterState character, Arguments arguments, Rulebook rulebook) =>
        rulebook.FindArmor(arguments.ItemId).IsAllowed(out var armor, out var error)
            ? character.With(Equipping.Wear(character.Sheet.Equipment, armor))
            : error;
}
