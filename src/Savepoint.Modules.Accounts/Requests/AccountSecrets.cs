using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Secrets;
using Savepoint.Streams.Errors;

namespace Savepoint.Modules.Accounts.Requests;

/// <summary>Derives the keys of accounts from the server's secret.</summary>
internal static class AccountSecrets
{
    private const int KeyBytes = 32;

    /// <exception cref="ProblemException">The server has not joined its cluster yet, and does not know the secret.</exception>
    public static byte[] Derive(IServerSecrets secrets, string purpose)
    {
        var key = new byte[KeyBytes];
        return secrets.TryDerive("accounts " + purpose, key) ? key : throw new ProblemException(RequestErrors.NotReady());
    }
}
