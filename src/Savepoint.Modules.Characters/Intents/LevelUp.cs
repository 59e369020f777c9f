using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>Gains a level (SRD 5.1, Beyond 1st Level, p. 56).</summary>
/// <remarks>The SRD says how the hit point maximum grows, and nothing of the hit points: they grow with it, so that wounds stay as deep as they were.</remarks>
public sealed class LevelUp() : CharacterIntent<LevelUp.Arguments>(
    new IntentDefinition("level-up", "Gains a level", HttpMethods.Post, "/level-up", """{"version":5}""")
    {
        Errors = [CharacterErrors.MaximumLevelReached],
    })
{
    /// <summary>There are none.</summary>
    public readonly record struct Arguments;

    /// <inheritdoc/>
    protected override Arguments Read(IntentArguments arguments) => default;

    /// <inheritdoc/>
    protected override Ruling<CharacterState> Apply(CharacterState character, Arguments arguments, Rulebook rulebook)
    {
        if (!Level.After(character.Sheet.Level).IsAllowed(out var level, out var error))
            return error;
        var grown = character with { Sheet = character.Sheet with { Level = level } };
        var gain = grown.MaximumHitPoints - character.MaximumHitPoints;
        return grown with { HitPoints = HitPoints.After(character.HitPoints, gain, grown.MaximumHitPoints) };
    }
}
