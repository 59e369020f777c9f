using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Creation;

/// <summary>Ability scores for points, before racial increases. The SRD leaves to the game how scores are made; these are the customary costs.</summary>
public static class PointBuy
{
    /// <summary>The points that there are to spend. Some may be left over.</summary>
    public const int Points = 27;

    private const int LowestScore = 8;
    private static readonly int[] Costs = [0, 1, 2, 3, 4, 5, 7, 9];

    /// <summary>What a score costs: 8 to 13 cost 0 to 5, 14 costs 7, 15 costs 9; or <see cref="CharacterErrorCodes.AbilityScoreInvalid"/>.</summary>
    public static Ruling<int> Cost(int score) => score >= LowestScore && score < LowestScore + Costs.Length
        ? Costs[score - LowestScore]
        : CharacterErrors.AbilityScoreInvalid with { Detail = $"Scores from {LowestScore} to {LowestScore + Costs.Length - 1} are for sale, not {score}." };

    /// <summary>The scores themselves, or <see cref="CharacterErrorCodes.AbilityScoreInvalid"/> or <see cref="CharacterErrorCodes.NotEnoughPoints"/>.</summary>
    public static Ruling<Abilities> Buy(Abilities scores)
    {
        var spent = 0;
        foreach (var ability in Abilities.All)
        {
            if (!Cost(scores[ability]).IsAllowed(out var cost, out var error))
                return error;
            spent += cost;
        }
        return spent <= Points ? scores : CharacterErrors.NotEnoughPoints with { Detail = $"These scores cost {spent} points of {Points}." };
    }
}
