using System.Text.Json;
using System.Text.RegularExpressions;
using Savepoint.Modules.Characters.Items;
using Savepoint.Modules.Characters.Origins;

namespace Savepoint.Modules.Characters.Data;

/// <summary>Reads a rulebook and checks it as a whole.</summary>
internal static partial class RulebookReader
{
    private static readonly JsonDocumentOptions Json = new() { CommentHandling = JsonCommentHandling.Skip };

    /// <exception cref="RulebookException">Something is wrong.</exception>
    public static Rulebook Read(Stream json)
    {
        var errors = new List<RulebookError>();
        using var document = Parse(json);
        var data = new DataObject(document.RootElement, "", errors);
        var header = new RulebookHeader(data.Text("source"), data.Text("license"), data.Text("attribution"), data.Text("changes"));
        var weapons = data.Objects("weapons", ItemReader.Weapon);
        var armors = data.Objects("armors", ItemReader.Armor);
        var shields = data.Objects("shields", ItemReader.Shield);
        var races = data.Objects("races", OriginReader.Race);
        var classes = data.Objects("classes", OriginReader.Class);
        data.End();

        // An item's id is one over all items, so that it can't mean a weapon in one place and a shield in another.
        CheckIds([.. Ids("weapons", weapons, w => w.Id), .. Ids("armors", armors, a => a.Id), .. Ids("shields", shields, s => s.Id)], errors);
        CheckIds([.. Ids("races", races, r => r.Id), .. races.SelectMany((race, i) => Ids($"races[{i}].subraces", race.Subraces, s => s.Id))], errors);
        CheckIds(Ids("classes", classes, c => c.Id), errors);
        CheckTraining(weapons, races, classes, errors);
        if (errors.Count > 0)
            throw new RulebookException(errors);
        return new Rulebook(header, weapons, armors, shields, races, classes);
    }

    private static JsonDocument Parse(Stream json)
    {
        try
        {
            return JsonDocument.Parse(json, Json);
        }
        catch (JsonException broken)
        {
            throw new RulebookException([new RulebookError("", $"is no JSON: {broken.Message}")]);
        }
    }

    private static IEnumerable<(string Place, string Id)> Ids<T>(string list, IEnumerable<T> all, Func<T, string> id) =>
        all.Select((item, index) => ($"{list}[{index}].id", id(item)));

    private static void CheckIds(IEnumerable<(string Place, string Id)> ids, List<RulebookError> errors)
    {
        var seen = new HashSet<string>();
        foreach (var (place, id) in ids.Where(entry => entry.Id.Length > 0))
        {
            if (!IdForm().IsMatch(id))
                errors.Add(new RulebookError(place, $"'{id}' has something other than lower-case letters, digits and single hyphens"));
            if (!seen.Add(id))
                errors.Add(new RulebookError(place, $"'{id}' is there twice"));
        }
    }

    private static void CheckTraining(List<Weapon> weapons, List<Race> races, List<CharacterClass> classes, List<RulebookError> errors)
    {
        var known = weapons.Select(weapon => weapon.Id).ToHashSet();
        void Check(string place, WeaponTraining training) =>
            errors.AddRange(training.WeaponIds.Where(id => !known.Contains(id)).Select(id => new RulebookError($"{place}.weapons", $"there is no weapon '{id}'")));

        for (var i = 0; i < races.Count; i++)
        {
            Check($"races[{i}]", races[i].Weapons);
            for (var j = 0; j < races[i].Subraces.Count; j++)
                Check($"races[{i}].subraces[{j}]", races[i].Subraces[j].Weapons);
        }
        for (var i = 0; i < classes.Count; i++)
            Check($"classes[{i}]", classes[i].Weapons);
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex IdForm();
}
