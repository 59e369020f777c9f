using System.ComponentModel.DataAnnotations;
using Savepoint.Hosting.Tokens;

namespace Savepoint.Modules.Accounts;

/// <summary>How players log in, from the section <c>Savepoint:Accounts</c> (docs/reference/configuration.md). All nodes of a cluster have the same.</summary>
public sealed class AccountsOptions : IssuedTokenOptions
{
    /// <summary>Whether the server keeps accounts at all. The default value is true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long an access token is valid. The default value is 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a refresh token is valid, and so how long a login lasts that is not used. The default value is 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long a client whose answer was lost may send the same refresh token again, and gets the same successor; each time that it does makes it as long again, but no longer
    /// than five times this value in all, nor, so that a token that was stolen is noticed, than two thirds of <see cref="AccessTokenLifetime"/> if that is less; so this value is no more
    /// than that either. It has to be longer than a client waits for an answer, and then some for what was not answered. The default value is 2 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan RefreshGrace { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long after its successor was made a refresh token may be sent again, however often it is. A player comes with its token when the access token has nearly ended: by then
    /// one that somebody else has used before has to be good for nothing.
    /// </summary>
    internal TimeSpan RepeatRefreshFor => TimeSpan.FromTicks(Math.Min(5 * RefreshGrace.Ticks, AccessTokenLifetime.Ticks * 2 / 3));

    /// <summary>The most open login sessions of a user; with one more, the one that was not used for longest ends. The default value is 20.</summary>
    [Range(1, 1_000)]
    public int MaxSessions { get; set; } = 20;

    /// <summary>How many wrong passwords in <see cref="FailureWindow"/> lock a user name out. The default value is 10.</summary>
    [Range(1, 1_000)]
    public int MaxFailures { get; set; } = 10;

    /// <summary>How long wrong passwords count. The default value is 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan FailureWindow { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long the first lock-out lasts; each that follows lasts twice as long. The default value is 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan LockOut { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The longest that a lock-out lasts. After as long without one, the next is short again. The default value is 24 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "30.00:00:00")]
    public TimeSpan MaxLockOut { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The iterations of PBKDF2 with HMAC-SHA-512 that a password costs. Passwords with fewer are hashed anew at their next login. The default value is 210,000, as
    /// OWASP recommends.
    /// </summary>
    [Range(10_000, 10_000_000)]
    public int PasswordIterations { get; set; } = 210_000;

    /// <summary>How many threads check passwords, so that logins leave cores to the game. The default value is 0: half of the cores, and one at least.</summary>
    [Range(0, 256)]
    public int PasswordThreads { get; set; }

    /// <summary>
    /// How many passwords may wait to be checked; one more is refused with <c>auth.busy</c>. As many may wait for the turn of their name, half of them for one name's. The default
    /// value is 100.
    /// </summary>
    [Range(1, 100_000)]
    public int PasswordQueue { get; set; } = 100;
}
