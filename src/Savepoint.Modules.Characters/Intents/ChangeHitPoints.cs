using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>Damage and healing, from 0 to the hit point maximum (SRD 5.1, Damage and Healing, pp. 96-97).</summary>
public sealed class ChangeHitPoints() : CharacterIntent<ChangeHitPoints.Arguments>(
    new IntentDefinition("stats.hitpoints", "Damages or heals a character", HttpMethods.Patch, "/stats/hitpoints", """{"delta":-10}""")
    {
        Commutes = true,
    })
{
    /// <param name="Delta">What is added: below 0 for damage, above it for healing.</param>
    public readonly record struct Arguments(long Delta);

    /// <inheritdoc/>
    protected override Arguments Read(IntentArguments arguments) => new(arguments.Whole("delta", "What is added: below 0 for damage, above it for healing."));

    /// <inheritdoc/>
    protected override Ruling<CharacterState> Apply(CharacterState character, Arguments arguments, Rulebook rulebook) =>
        character with { HitPoints = HitPoints.After(character.HitPoints, arguments.Delta, character.MaximumHitPoints) };
}
