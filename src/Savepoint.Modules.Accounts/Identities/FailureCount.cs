namespace Savepoint.Modules.Accounts.Identities;

/// <summary>
/// How many wrong passwords a user name has had. After <see cref="AccountsOptions.MaxFailures"/> within the window it is locked, each time twice as long as before.
/// Whatever the clock does, a lock-out never lasts longer than its length: one that would is of a clock that has gone back, and counts as over.
/// </summary>
/// <param name="Failures">Those that count.</param>
/// <param name="Since">When the first of them was.</param>
/// <param name="LockOuts">How often the name was locked since the last login.</param>
/// <param name="LockedUntil">When the latest lock-out ends.</param>
internal readonly record struct FailureCount(long Failures, DateTimeOffset Since, long LockOuts, DateTimeOffset LockedUntil)
{
    /// <summary>How long the name is locked still; zero when it is not.</summary>
    public TimeSpan LockedFor(DateTimeOffset now, AccountsOptions rule)
    {
        var remaining = LockedUntil - now;
        return remaining > TimeSpan.Zero && remaining <= rule.MaxLockOut ? remaining : TimeSpan.Zero;
    }

    /// <summary>The count with one more attempt, which counts as wrong until it is known to be right.</summary>
    public FailureCount WithAttempt(DateTimeOffset now, AccountsOptions rule)
    {
        var isOld = Failures == 0 || (now - Since).Duration() > rule.FailureWindow;
        var (failures, since) = isOld ? (1, now) : (Failures + 1, Since);
        if (failures < rule.MaxFailures)
            return this with { Failures = failures, Since = since };
        var earlier = (now - LockedUntil).Duration() > rule.MaxLockOut ? 0 : LockOuts;
        return new FailureCount(0, now, earlier + 1, now + LengthOf(earlier, rule));
    }

    private static TimeSpan LengthOf(long earlier, AccountsOptions rule)
    {
        var length = rule.LockOut;
        for (var i = 0L; i < earlier && length < rule.MaxLockOut; i++)
            length *= 2;
        return length < rule.MaxLockOut ? length : rule.MaxLockOut;
    }
}
