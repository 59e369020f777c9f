using Savepoint.Documents;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.Creation;
using Savepoint.Modules.Characters.Scores;
using Savepoint.Protocol;

namespace Savepoint.Modules.Characters.Http;

/// <summary>
/// Reads the body of a creation: <c>name</c>, <c>race</c>, <c>subrace</c>, <c>class</c>, and <c>abilities</c> with <c>method</c> (<c>roll</c>, the default, or
/// <c>pointBuy</c>), <c>scores</c> (of pointBuy), <c>preference</c> (of roll) and <c>increases</c>.
/// </summary>
internal static class CharacterWish
{
    private const string AbilitiesField = "abilities", MethodField = "method", ScoresField = "scores", PreferenceField = "preference", IncreasesField = "increases";
    private const string Roll = "roll", PointBuy = "pointBuy";

    /// <exception cref="ProblemException">It is not one; the message says why.</exception>
    public static NewCharacter Read(JsonFields fields)
    {
        var wish = new NewCharacter
        {
            Name = fields.RequiredText("name"),
            Race = fields.RequiredText("race"),
            Subrace = fields.Text("subrace"),
            Class = fields.RequiredText("class"),
        };
        var abilities = AbilitiesIn(fields)?.Root;
        fields.EndOfFields();
        return abilities is null ? wish : With(wish, abilities);
    }

    // What is no document, as it has a null or a field twice, is malformed here as in every other body, and nothing that the engine would refuse.
    private static Document? AbilitiesIn(JsonFields fields)
    {
        try
        {
            return fields.Document(AbilitiesField);
        }
        catch (ProblemException problem) when (problem.Error.Code != ErrorCodes.InvalidRequest)
        {
            throw new ProblemException(ErrorCodes.InvalidRequest, problem.Error.Message);
        }
    }

    private static NewCharacter With(NewCharacter wish, MapValue abilities)
    {
        foreach (var (name, _) in abilities)
        {
            if (name is not (MethodField or ScoresField or PreferenceField or IncreasesField))
                throw FieldFaults.Unknown(At(name));
        }

        var method = abilities.TryGet(MethodField, out var said) ? said.TryGetString(out var text) ? text : "" : Roll;
        if (method is not (Roll or PointBuy))
            throw Wrong(MethodField, $"has to be {Roll} or {PointBuy}");
        if (abilities.ContainsKey(ScoresField) != (method == PointBuy))
            throw Wrong(ScoresField, $"goes with {PointBuy}, and {PointBuy} with it");
        if (abilities.ContainsKey(PreferenceField) && method != Roll)
            throw Wrong(PreferenceField, $"goes with {Roll}");
        return wish with
        {
            BoughtScores = abilities.TryGet(ScoresField, out var scores) ? ScoresOf(scores) : null,
            Preference = abilities.TryGet(PreferenceField, out var preference) ? ListOf(preference, PreferenceField) : null,
            ChosenIncreases = abilities.TryGet(IncreasesField, out var increases) ? ListOf(increases, IncreasesField) : [],
        };
    }

    private static Abilities ScoresOf(Value value)
    {
        if (!value.TryGetMap(out var scores))
            throw Wrong(ScoresField, "has to be an object");
        foreach (var (name, _) in scores)
        {
            if (!EnumWords.TryParse<Ability>(name, out _))
                throw FieldFaults.Unknown(At($"{ScoresField}.{name}"));
        }

        return Abilities.Each(ability =>
        {
            var name = EnumWords.Of(ability);
            if (!scores.TryGet(name, out var score))
                throw FieldFaults.Missing(At($"{ScoresField}.{name}"));
            return score.TryGetInt64(out var number) && number is >= int.MinValue and <= int.MaxValue ? (int)number : throw Wrong($"{ScoresField}.{name}", "has to be a whole number");
        });
    }

    private static List<Ability> ListOf(Value value, string field)
    {
        if (!value.TryGetList(out var list) || list.Count > Abilities.All.Count)
            throw Wrong(field, $"has to be a list of at most {Abilities.All.Count} abilities");
        var abilities = new List<Ability>(list.Count);
        foreach (var item in list)
        {
            abilities.Add(item.TryGetString(out var word) && EnumWords.TryParse<Ability>(word, out var ability) ? ability
                : throw Wrong(field, $"is made of {string.Join(", ", EnumWords.All<Ability>())}"));
        }

        return abilities;
    }

    private static ProblemException Wrong(string field, string what) => JsonFields.Invalid(At(field), what);

    private static string At(string field) => $"{AbilitiesField}.{field}";
}
