using Savepoint.Modules.Characters.Creation;
using Savepoint.Modules.Characters.Currency;
using Savepoint.Modules.Characters.Rules;

namespace Savepoint.Modules.Characters.State;

/// <summary>A character as it is stored: everything else follows from this by the rules. Immutable; <see cref="CharacterDocument"/> is its form as a document.</summary>
public sealed record CharacterState
{
    /// <summary>The name, as the player wrote it.</summary>
    public required string Name { get; init; }

    /// <summary>Race, class, level, ability scores, equipment.</summary>
    public required CharacterSheet Sheet { get; init; }

    /// <summary>The hit points, from 0.</summary>
    public required int HitPoints { get; init; }

    /// <summary>The coins in the purse.</summary>
    public CoinCounts Coins { get; init; }

    /// <summary>The hit point maximum, for those who need no other derived stat.</summary>
    public int MaximumHitPoints => Rules.HitPoints.MaximumOf(Sheet);

    /// <summary>The same character with other things in hand.</summary>
    public CharacterState With(Equipment equipment) => this with { Sheet = Sheet with { Equipment = equipment } };

    /// <summary>A new character, unhurt and without a coin.</summary>
    public static CharacterState Of(CreatedCharacter created)
    {
        var unhurt = new CharacterState { Name = created.Name, Sheet = created.Sheet, HitPoints = 0 };
        return unhurt with { HitPoints = unhurt.MaximumHitPoints };
    }
}
