using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Passwords;

/// <summary>
/// Which passwords are taken. As NIST SP 800-63B, section 3.1.1.2 says: a length, nothing of what is tried first, and no rules of what characters there have to be.
/// </summary>
internal static class PasswordRules
{
    private const int MinLength = 8, MaxLength = 128;

    /// <exception cref="Hosting.Problems.ProblemException">It is not taken; the message says why, and not what it was.</exception>
    public static void Check(string password, string userName)
    {
        if (password.Length is < MinLength or > MaxLength)
            throw AccountProblems.BadPassword($"A password has {MinLength} to {MaxLength} characters.");
        if (string.Equals(password, userName, StringComparison.OrdinalIgnoreCase))
            throw AccountProblems.BadPassword("The password is the user name.");
        if (CommonPasswords.Contain(password))
            throw AccountProblems.BadPassword("The password is one of the most common ones.");
    }
}
