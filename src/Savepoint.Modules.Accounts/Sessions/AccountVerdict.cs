using System.Collections.Concurrent;
using System.Collections.Frozen;
using Savepoint.Modules.Accounts.State;

namespace Savepoint.Modules.Accounts.Sessions;

/// <summary>Which login sessions a version of an account has.</summary>
/// <param name="Version">The version.</param>
/// <param name="Sessions">When each of them ends.</param>
internal sealed record AccountVerdict(long Version, FrozenDictionary<string, DateTimeOffset> Sessions)
{
    public static AccountVerdict Of(long version, AccountState? account) => new(
        version,
        account is null or { IsDisabled: true }
            ? FrozenDictionary<string, DateTimeOffset>.Empty
            : account.AllSessions().ToFrozenDictionary(static session => session.Id, static session => session.ExpiresAt, StringComparer.Ordinal));

    public bool IsOpen(string session, DateTimeOffset now) => Sessions.TryGetValue(session, out var expires) && now < expires;
}

/// <summary>
/// The verdicts of the users who were asked for last: between half of the limit and all of it. A verdict is never believed by itself, but saves reading the account again
/// while it is still at that version.
/// </summary>
internal sealed class AccountVerdicts
{
    private const int MaxUsers = 100_000;

    private readonly Lock _turning = new();
    private volatile ConcurrentDictionary<string, AccountVerdict> _present = new(StringComparer.Ordinal);
    private volatile ConcurrentDictionary<string, AccountVerdict> _earlier = new(StringComparer.Ordinal);
    private int _added;

    public AccountVerdict? Find(string userId)
    {
        if (_present.TryGetValue(userId, out var verdict))
            return verdict;
        if (_earlier.TryGetValue(userId, out verdict))
            Keep(userId, verdict);
        return verdict;
    }

    public void Keep(string userId, AccountVerdict verdict)
    {
        if (!_present.TryAdd(userId, verdict))
            _present[userId] = verdict;
        else if (Interlocked.Increment(ref _added) >= MaxUsers / 2)
            Turn();
    }

    private void Turn()
    {
        lock (_turning)
        {
            if (Volatile.Read(ref _added) < MaxUsers / 2)
                return;
            (_earlier, _present) = (_present, new ConcurrentDictionary<string, AccountVerdict>(StringComparer.Ordinal));
            Volatile.Write(ref _added, 0);
        }
    }
}
