using System.Collections.Frozen;

namespace Savepoint.Modules.Accounts.Passwords;

/// <summary>The passwords of eight characters and more that are tried first. Case does not count, nor does one character over and over.</summary>
internal static class CommonPasswords
{
    private static readonly FrozenSet<string> All = new[]
    {
        "12345678", "123456789", "1234567890", "0123456789", "12345678910", "87654321", "987654321", "0987654321", "123123123", "12341234", "11223344", "112233445566",
        "password", "password1", "password12", "password123", "password1234", "passw0rd", "p@ssw0rd", "p@ssword", "pa$$word", "passwort", "passwort1", "motdepasse",
        "qwertyui", "qwertyuiop", "qwerty12", "qwerty123", "qwerty1234", "1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx", "q1w2e3r4", "qazwsxedc", "zaq12wsx", "asdfghjk",
        "asdfghjkl", "zxcvbnm1", "zxcvbnm123", "azertyui", "azertyuiop", "qwertz123", "qwertzui", "abcdefgh", "abcd1234", "abc12345", "a1b2c3d4", "aa123456",
        "iloveyou", "iloveyou1", "sunshine", "sunshine1", "princess", "princess1", "football", "football1", "baseball", "baseball1", "basketball", "superman",
        "superman1", "spiderman", "batman123", "trustno1", "whatever", "starwars", "starwars1", "pokemon1", "pokemon123", "minecraft", "minecraft1", "fortnite",
        "fortnite1", "roblox123", "letmein1", "letmein123", "welcome1", "welcome12", "welcome123", "changeme", "changeme1", "changeme123", "admin123", "admin1234",
        "administrator", "computer", "computer1", "internet", "samsung1", "michael1", "jennifer", "jordan23", "charlie1", "monkey123", "dragon123", "shadow123",
        "master123", "killer123", "test1234", "testtest", "demo1234", "guest123", "gamer123", "player123", "hello123", "secret123", "logitech", "nintendo", "playstation",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool Contain(string password) => All.Contains(password) || password.AsSpan().IndexOfAnyExcept(password[0]) < 0;
}
