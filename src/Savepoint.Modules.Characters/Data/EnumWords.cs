using System.Text;

namespace Savepoint.Modules.Characters.Data;

/// <summary>The words that stand for an enum's members in files and answers: <c>TwoHanded</c> is <c>two-handed</c>.</summary>
/// <typeparam name="T">The enum.</typeparam>
public static class EnumWords<T>
    where T : struct, Enum
{
    /// <summary>All members by their words, in the enum's order. None has no word: it is said by leaving everything else out.</summary>
    public static IReadOnlyDictionary<string, T> All { get; } = new OrderedDictionary<string, T>(
        Enum.GetValues<T>().Select(member => KeyValuePair.Create(Of(member), member)).Where(word => word.Key != "none"), StringComparer.Ordinal);

    /// <summary>The word for a member.</summary>
    public static string Of(T member)
    {
        var word = new StringBuilder();
        foreach (var letter in member.ToString())
        {
            if (char.IsUpper(letter) && word.Length > 0)
                word.Append('-');
            word.Append(char.ToLowerInvariant(letter));
        }
        return word.ToString();
    }
}
