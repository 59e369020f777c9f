using System.Globalization;
using System.Text;

namespace Savepoint.Modules.Characters.Creation;

/// <summary>What a character may be called.</summary>
/// <remarks>
/// 3 to 15 letters of any one script that Unicode has, without spaces, digits, signs and combining marks (é has to be one letter, as keyboards send it).
/// Letters that show nothing, and forms of Latin letters for mathematics, phonetics and print, are no letters here, and Latin letters don't mix with others.
/// That keeps the plain look-alikes of reserved names away. It doesn't find out accents (Ådmin), or names wholly of another script that look Latin.
/// </remarks>
public static class CharacterName
{
    /// <summary>The fewest letters.</summary>
    public const int MinimumLetters = 3;

    /// <summary>The most letters.</summary>
    public const int MaximumLetters = 15;

    /// <summary>Letters by category that show nothing, or that only look like Latin ones.</summary>
    private static readonly (int First, int Last)[] NoLetters =
    [
        (0x017F, 0x017F), // Long s
        (0x0250, 0x02AF), // IPA Extensions
        (0x115F, 0x1160), // Hangul fillers
        (0x1D00, 0x1DBF), // Phonetic Extensions
        (0x2100, 0x214F), // Letterlike Symbols
        (0x3164, 0x3164), // Hangul filler
        (0xA720, 0xA7FF), // Latin Extended-D
        (0xAB30, 0xAB6F), // Latin Extended-E
        (0xFB00, 0xFB06), // Latin ligatures
        (0xFF21, 0xFF5A), // Full-width Latin
        (0xFFA0, 0xFFA0), // Half-width Hangul filler
        (0x1D400, 0x1D7FF), // Mathematical Alphanumeric Symbols
        (0x1DF00, 0x1DFFF), // Latin Extended-G
    ];

    /// <summary>The names that are reserved if the game says nothing else, in lower case.</summary>
    public static IReadOnlySet<string> DefaultReserved { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "admin", "administrator", "anonymous", "console", "dungeonmaster", "everyone", "gamemaster", "helpdesk", "moderator", "nobody", "null",
        "operator", "root", "savepoint", "server", "someone", "staff", "support", "system", "undefined", "unknown",
    };

    /// <summary>The name itself, or <see cref="CharacterErrorCodes.NameInvalid"/> or <see cref="CharacterErrorCodes.NameReserved"/>.</summary>
    /// <param name="name">The wish.</param>
    /// <param name="reserved">Names that nobody gets, as <see cref="Fold"/> makes them; null for <see cref="DefaultReserved"/>.</param>
    public static Ruling<string> Check(string name, IReadOnlySet<string>? reserved = null)
    {
        var letters = 0;
        var latin = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            if (!IsLetter(rune) || ++letters > MaximumLetters)
                return CharacterErrors.NameInvalid;
            latin += IsLatin(rune) ? 1 : 0;
        }
        if (letters < MinimumLetters || (latin > 0 && latin < letters))
            return CharacterErrors.NameInvalid;
        return (reserved ?? DefaultReserved).Contains(Fold(name)) ? CharacterErrors.NameReserved : name;
    }

    /// <summary>The form in which two names are the same: names that differ in case only.</summary>
    public static string Fold(string name) => name.ToUpperInvariant().ToLowerInvariant();

    private static bool IsLetter(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.OtherLetter
        && !NoLetters.Any(range => rune.Value >= range.First && rune.Value <= range.Last);

    /// <summary>Basic Latin to Latin Extended-B, and Latin Extended Additional.</summary>
    private static bool IsLatin(Rune rune) => rune.Value is < 0x250 or (>= 0x1E00 and < 0x1F00);
}
