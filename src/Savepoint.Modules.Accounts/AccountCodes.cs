namespace Savepoint.Modules.Accounts;

/// <summary>The codes that requests about accounts are refused with (docs/reference/errors.md). They never change their meaning.</summary>
public static class AccountCodes
{
    /// <summary>There is no such user, the password is another, or the account is disabled: which of them, nobody is told.</summary>
    public const string LoginFailed = "auth.login_failed";

    /// <summary>Too many wrong passwords for this user name: nobody can log in with it until the lock-out ends. Sessions that are open go on.</summary>
    public const string LockedOut = "auth.locked_out";

    /// <summary>Too many passwords wait to be checked, or one waited for too long. Nothing was done; try again.</summary>
    public const string Busy = "auth.busy";

    /// <summary>The user name is not of the allowed form.</summary>
    public const string BadUserName = "auth.bad_user_name";

    /// <summary>The password is too short, too long, too common, or the user name.</summary>
    public const string BadPassword = "auth.bad_password";

    /// <summary>The device id is too short or too long.</summary>
    public const string BadDeviceId = "auth.bad_device_id";

    /// <summary>Somebody has the user name already, or the device or studio account belongs to another user.</summary>
    public const string IdentityTaken = "auth.identity_taken";

    /// <summary>The account has an identity of this type already.</summary>
    public const string IdentityExists = "auth.identity_exists";

    /// <summary>The account has no identity of this type.</summary>
    public const string NoSuchIdentity = "auth.no_such_identity";

    /// <summary>It is the only way into the account, and stays.</summary>
    public const string LastIdentity = "auth.last_identity";

    /// <summary>The refresh token is not genuine, or its session has ended: log in again.</summary>
    public const string RefreshInvalid = "auth.refresh_invalid";

    /// <summary>The refresh token was used before: whoever did it, the session has ended for both. Log in again.</summary>
    public const string RefreshReused = "auth.refresh_reused";

    /// <summary>The user has no such session, or it has ended.</summary>
    public const string NoSuchSession = "auth.no_such_session";

    /// <summary>There is no account of this user.</summary>
    public const string NoSuchAccount = "auth.no_such_account";

    // Between the intents and this module; callers never see it.
    internal const string Disabled = "auth.disabled";
}
