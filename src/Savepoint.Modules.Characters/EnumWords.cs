using System.Collections.Frozen;
using System.Text;

namespace Savepoint.Modules.Characters;

/// <summary>
/// The words that stand for an enum's members in files and answers: <c>TwoHanded</c> is <c>two-handed</c>.
/// A member <c>None</c> has no word: it is said by leaving everything else out.
/// </summary>
public static class EnumWords
{
    /// <summary>The words of all members, in the enum's order.</summary>
    public static IReadOnlyList<string> All<T>()
        where T : struct, Enum => Table<T>.Words;

    /// <summary>The word for a member.</summary>
    /// <exception cref="KeyNotFoundException">It is no member, or None.</exception>
    public static string Of<T>(T member)
        where T : struct, Enum => Table<T>.ByMember[member];

    /// <summary>The member that a word stands for.</summary>
    /// <returns>Whether it stands for one.</returns>
    public static bool TryParse<T>(string word, out T member)
        where T : struct, Enum => Table<T>.ByWord.TryGetValue(word, out member);

    private static string Word(string name)
    {
        var word = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && word.Length > 0)
                word.Append('-');
            word.Append(char.ToLowerInvariant(letter));
        }
        return word.ToString();
    }

    private static class Table<T>
        where T : struct, Enum
    {
        private static readonly T[] Members = Enum.GetValues<T>().Where(member => member.ToString() != "None").ToArray();

        public static readonly IReadOnlyList<string> Words = Members.Select(member => Word(member.ToString())).ToArray();

        public static readonly FrozenDictionary<T, string> ByMember = Members.ToFrozenDictionary(member => member, member => Word(member.ToString()));

        public static readonly FrozenDictionary<string, T> ByWord = Members.ToFrozenDictionary(member => Word(member.ToString()));
    }
}
