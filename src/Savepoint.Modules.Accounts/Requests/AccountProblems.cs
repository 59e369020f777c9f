using Savepoint.Engine.Units;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Errors;

namespace Savepoint.Modules.Accounts.Requests;

/// <summary>The problems that requests about accounts are answered with. None of them tells more of an account than its caller has to know.</summary>
internal static class AccountProblems
{
    private static readonly TimeSpan BusyFor = TimeSpan.FromSeconds(1);

    public static ProblemException LoginFailed() => Of(AccountCodes.LoginFailed, StatusCodes.Status401Unauthorized, "Nobody can log in with that.");

    public static ProblemException LockedOut(TimeSpan remaining) =>
        Of(AccountCodes.LockedOut, StatusCodes.Status429TooManyRequests, "Too many wrong passwords for this user name.", remaining);

    public static ProblemException Busy() => Of(AccountCodes.Busy, StatusCodes.Status503ServiceUnavailable, "Too many log in at this moment.", BusyFor);

    public static ProblemException BadUserName() => Of(
        AccountCodes.BadUserName, StatusCodes.Status400BadRequest, "A user name has 3 to 32 characters: letters a to z, digits, '_', '-' and '.'.");

    public static ProblemException BadPassword(string why) => Of(AccountCodes.BadPassword, StatusCodes.Status400BadRequest, why);

    public static ProblemException BadDeviceId() => Of(AccountCodes.BadDeviceId, StatusCodes.Status400BadRequest, "A device id has 16 to 128 characters, without blanks.");

    public static ProblemException IdentityTaken(string type) =>
        Of(AccountCodes.IdentityTaken, StatusCodes.Status409Conflict, $"The {type} belongs to somebody already.");

    public static ProblemException IdentityExists(string type) =>
        Of(AccountCodes.IdentityExists, StatusCodes.Status409Conflict, $"The account has an identity of the type '{type}' already.");

    public static ProblemException NoSuchIdentity(string type) =>
        Of(AccountCodes.NoSuchIdentity, StatusCodes.Status404NotFound, $"The account has no identity of the type '{type}'.");

    public static ProblemException LastIdentity() =>
        Of(AccountCodes.LastIdentity, StatusCodes.Status409Conflict, "It is the only way into the account: link another one first.");

    public static ProblemException RefreshInvalid() =>
        Of(AccountCodes.RefreshInvalid, StatusCodes.Status401Unauthorized, "The refresh token is good for nothing: log in again.");

    public static ProblemException RefreshReused() =>
        Of(AccountCodes.RefreshReused, StatusCodes.Status401Unauthorized, "The refresh token was used before, so its session has ended: log in again.");

    public static ProblemException NoSuchSession() => Of(AccountCodes.NoSuchSession, StatusCodes.Status404NotFound, "There is no such session, or it has ended.");

    public static ProblemException SessionEnded() => Of(ErrorCodes.Unauthenticated, StatusCodes.Status401Unauthorized, "The login session has ended.");

    public static ProblemException NoSuchAccount() => Of(AccountCodes.NoSuchAccount, StatusCodes.Status404NotFound, "There is no account of this user.");

    /// <summary>Why a way into an account was not linked, or not taken away.</summary>
    /// <param name="refusal">Of a unit whose first mutation asks the account.</param>
    /// <param name="type">The type of the identity.</param>
    public static ProblemException OfLink(Refusal refusal, string type) => refusal.Detail switch
    {
        // Erased since the request was admitted: the account, or the name whose password was right.
        _ when refusal.Code == RefusalCode.NotFound => refusal.Mutation == 0 ? NoSuchAccount() : LoginFailed(),
        AccountCodes.IdentityExists => IdentityExists(type),
        AccountCodes.LastIdentity => LastIdentity(),
        AccountCodes.LoginFailed => LoginFailed(),
        AccountCodes.NoSuchAccount => NoSuchAccount(),

        // The player was logged out, or kept out, since the request was admitted.
        AccountCodes.NoSuchSession or AccountCodes.Disabled => SessionEnded(),
        _ => NoSuchIdentity(type),
    };

    private static ProblemException Of(string code, int status, string detail, TimeSpan? retryAfter = null)
    {
        var error = RequestErrors.Of(code, detail);
        if (retryAfter is { } wait)
            (error.Transient, error.RetryAfterMs) = (true, (uint)Math.Max(1, wait.TotalMilliseconds));
        return new ProblemException(error, status);
    }
}
